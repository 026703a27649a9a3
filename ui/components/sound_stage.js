/* ---- SoundStage: hands its value to a SoundPlayer -------------------------------------------- */

const { player, stage } = props;

Object.assign(element.dataset, { player, stage });
watch("value", bring);
bring();

function bring() {
  const stages = stagesOf(player);
  stages.payloads[stage] = props.value?.run ? props.value : undefined;
  stages.hear(stage);
  element.dataset.run = stages.payloads[stage]?.run ?? "";
}
