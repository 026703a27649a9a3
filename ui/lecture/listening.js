/* Blind listening: which of the sounds A and B is X? The server draws X for each student and judges
   the answer: which of the two it is stands nowhere on the page. */

const listening = { student: null, files: {}, audio: new Audio() };

function forgetSounds() {
  stopSound();
  for (const name in listening.files) URL.revokeObjectURL(listening.files[name]);
  listening.files = {};
}

function stopSound() {
  listening.audio.pause();
}

/** Buttons that play A, B and X, and then the two answers, which wait until X was heard. */
function soundsOf() {
  const words = { A: say("blind.hear_a"), B: say("blind.hear_b"), X: say("blind.hear_x") };
  const hearers = Object.keys(words).map((name) => {
    const hearer = document.createElement("button");
    Object.assign(hearer, { type: "button", textContent: words[name], disabled: true });
    hearer.dataset.hear = name;
    return hearer;
  });
  const choices = choicesOf(currentScene().question.choices, answerInWords);
  for (const each of choices) each.firstElementChild.disabled = true;
  return [...hearers, ...choices];
}

function answerInWords(name) {
  return name === "A" ? say("blind.x_is_a") : say("blind.x_is_b");
}

/** Alone, each trial has an X of its own; in a room a student has one. */
async function loadSounds(scene) {
  const shown = inLecture(".lecture-truth");
  shown.textContent = say("listening.computing");
  listening.student = followsRoom() ? studentNumber() : randomDigits();
  const alone = `lecture/sounds/${scene}`;
  const x = followsRoom() ? `lecture/rooms/${room.code}/sounds/${scene}` : `${alone}/X`;
  const addresses = [`${alone}/A`, `${alone}/B`, `${x}?student=${listening.student}`];
  const files = await Promise.all(addresses.map(fileAt));
  if (scene !== lecture.scene || lecture.stage !== ASKS) return;
  if (files.includes(null)) {
    shown.textContent = say("listening.not_computed");
    return;
  }
  ["A", "B", "X"].forEach((name, i) => { listening.files[name] = URL.createObjectURL(files[i]); });
  for (const each of document.querySelectorAll(".lecture [data-hear]")) each.disabled = false;
  shown.textContent = say("listening.hear_x_first");
}

async function fileAt(address) {
  try {
    const response = await fetch(address);
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}

document.addEventListener("click", ({ target }) => {
  const name = target.closest?.(".lecture [data-hear]")?.dataset.hear;
  if (!name) return;
  listening.audio.src = listening.files[name];
  listening.audio.play().catch(sayNotPlayed);
  if (name !== "X") return;
  for (const each of document.querySelectorAll('.question-answers [type="radio"]')) each.disabled = false;
});

function sayNotPlayed({ name }) {
  if (name === "AbortError") return; // another button or the next stage cut it short
  inLecture(".lecture-truth").textContent = say("listening.not_played");
}

/** Whether one's own answer was right; the lecturer's screen goes on to show the class's hits. */
async function showVerdict(scene) {
  if (leads()) return;
  const shown = inLecture(".lecture-truth");
  shown.textContent = "";
  if (ownAnswer === null) return;
  const answer = answerInWords(ownAnswer);
  const right = await verdictOn(scene);
  if (scene !== lecture.scene || lecture.stage !== SHOWS) return;
  const judged = right === null ? say("question.not_computed")
    : right ? say("question.right") : say("question.wrong");
  shown.textContent = `${say("question.yours", { answer })} ${judged}`;
}

async function verdictOn(scene) {
  const query = new URLSearchParams({ student: listening.student, answer: ownAnswer });
  const of = followsRoom() ? `rooms/${room.code}/` : "";
  try {
    const response = await fetch(`lecture/${of}verdicts/${scene}?${query}`);
    return response.ok ? (await response.json()).right : null;
  } catch {
    return null;
  }
}

/** The hits of the class, and what they say. */
function showHits({ answers, hits, hit_rate: rate, p_value: p }) {
  drawHistogram([[say("listening.right"), hits], [say("listening.wrong"), answers - hits]]);
  const probability = p < 0.001 ? say("blind.tiny", { number: 0.001 }) : readableNumber(p ?? 1);
  inLecture(".lecture-truth").textContent = answers === 0 ? say("listening.no_answers")
    : say("listening.hits", { hits, answers, percent: Math.round(100 * rate), probability });
}
