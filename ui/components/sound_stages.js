/* ---- Stages: several values that one player shows, one at a time ----------------------------- */

const STAGES = Symbol.for("companion.stages");
globalThis[STAGES] ??= {};

/** What the SoundStages of a player brought, by their names, and whom to tell of it. */
function stagesOf(player) {
  globalThis[STAGES][player] ??= { payloads: {}, steps: {}, hear() {} };
  return globalThis[STAGES][player];
}
