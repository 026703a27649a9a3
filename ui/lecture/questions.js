/* A question: it is answered, or passed over, before the view is shown; then comes the truth. */

const readableNumber = (value) => Number(value.toPrecision(3)).toLocaleString("en");

let ownAnswer = null;

function prepareQuestion(question) {
  ownAnswer = null;
  forgetSounds();
  inLecture(".lecture-truth").textContent = "";
  inLecture(".lecture-histogram").hidden = true;
  const answers = inLecture(".question-answers");
  answers.replaceChildren();
  inLecture(".question-text").textContent = question?.text ?? "";
  if (!question) return;
  answers.append(...fieldsOf(question));
  if (question.sounds.length) loadSounds(lecture.scene);
}

function fieldsOf(question) {
  if (question.sounds.length) return soundsOf();
  return question.choices.length ? choicesOf(question.choices) : [numberOf(question)];
}

function choicesOf(choices, inWords = (choice) => choice) {
  return choices.map((choice) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "answer" });
    input.value = choice;
    input.required = true;
    label.append(input, inWords(choice));
    return label;
  });
}

function numberOf({ low, high, unit }) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "number", name: "answer" });
  Object.assign(input, { step: "any", required: true });
  label.append(input, say("question.range", { unit, low, high }));
  return label;
}

function showQuestion(stage) {
  const { question } = currentScene();
  const form = inLecture(".lecture-question");
  form.hidden = !question || stage === SHOWS;
  form.toggleAttribute("inert", stage !== ASKS);
  inLecture(".lecture-text").hidden = Boolean(question) && stage !== SHOWS;
  if (!question) return;
  if (stage !== ASKS) stopSound();
  if (stage === SHOWS) (question.sounds.length ? showVerdict : showTruth)(lecture.scene);
  if (stage === COUNTS) showHistogram(lecture.scene);
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches?.(".lecture-question")) return;
  event.preventDefault();
  const { question } = currentScene();
  const typed = new FormData(event.target).get("answer");
  const answer = question.choices.length ? typed : Number(typed);
  if (!question.choices.length && !(answer >= question.low && answer <= question.high)) {
    inLecture(".lecture-truth").textContent =
      say("question.not_in_range", { low: question.low, high: question.high });
    return;
  }
  ownAnswer = answer;
  if (followsRoom()) sendAnswer(answer);
  else moveOn();
});

async function showTruth(scene) {
  const shown = inLecture(".lecture-truth");
  shown.textContent = say("question.computing");
  const found = await truthOf(scene);
  if (scene !== lecture.scene || lecture.stage !== SHOWS) return;
  if (found) writeTruth(found);
  else shown.textContent = say("question.not_computed");
}

async function truthOf(scene) {
  try {
    const response = await fetch(`lecture/truths/${scene}`);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function writeTruth({ truth, bin }) {
  const shown = inLecture(".lecture-truth");
  const { choices, unit } = currentScene().question;
  const inWords = (value) => choices.length ? value : `${readableNumber(value)} ${unit}`;
  shown.textContent = say("question.computed", { answer: inWords(truth) });
  if (ownAnswer !== null) {
    const judged = ownAnswer === truth ? say("question.right") : say("question.wrong");
    const yours = say("question.yours", { answer: inWords(ownAnswer) });
    shown.textContent += ` ${yours}${choices.length ? ` ${judged}` : ""}`;
  }
  inLecture(".lecture-histogram").children[bin]?.setAttribute("data-true", "");
}

/** The answers of the class, each with a strip as long as its count. */
function drawHistogram(bins) {
  const most = Math.max(1, ...bins.map(([, count]) => count));
  const rows = bins.map(([name, count]) => {
    const row = document.createElement("p");
    row.textContent = `${name}: ${count}`;
    row.style.setProperty("--fraction", count / most);
    return row;
  });
  inLecture(".lecture-histogram").replaceChildren(...rows);
  inLecture(".lecture-histogram").hidden = false;
}
