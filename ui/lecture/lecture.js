/* The lecture: a walk through scenes. The address names the scene, so that Back goes to the one before. */

/* A scene with a question has three stages; the class's answers are shown in a room only. */
const [ASKS, COUNTS, SHOWS] = [0, 1, 2];

const lecture = { scenes: null, scene: null, stage: SHOWS };

const inLecture = (selector) => document.querySelector(`.lecture ${selector}`);
const currentScene = () => lecture.scenes[lecture.scene];
const firstStage = (scene) => lecture.scenes[scene].question ? ASKS : SHOWS;

/** Whether nothing of a section is shown: before an answer, and until its tab is selected. */
const keepsBack = () => document.documentElement.dataset.lecture === "asks";

function keepBack(back) {
  document.documentElement.dataset.lecture = back ? "asks" : "shows";
}

/** The scene that the address names, counted from 0; null if it names none. */
function sceneOfAddress() {
  const query = new URLSearchParams(location.search);
  if (!query.has("lecture")) return null;
  const number = Math.round(Number(query.get("scene"))) || 1;
  return Math.min(Math.max(number, 1), lecture.scenes.length) - 1;
}

/** To be called when the tab that the address names is selected. A section alone has no lecture. */
function openLecture() {
  if (!document.querySelector(".lecture")) return;
  if (!lecture.scenes) beginLecture();
  if (lecture.scene === null || lecture.stage !== SHOWS) return;
  keepBack(false);
  openLinked();
}

function beginLecture() {
  lecture.scenes = JSON.parse(document.querySelector(".lecture-scenes").textContent);
  resumeRoom();
  joinRoom();
  if (room.code === null || leads()) readLecture();
}

/** As the address has it, which Back and Forward change. */
function readLecture() {
  if (!lecture.scenes) return;
  const scene = sceneOfAddress();
  if (scene === lecture.scene) return;
  if (scene === null) return closeLecture();
  const { view } = lecture.scenes[scene];
  const query = new URLSearchParams(location.search);
  if (!query.has("tab")) history.replaceState(null, "", addressOf(view));
  showScene(scene, firstStage(scene));
}

/** Go to a scene. The view of a question waits until it is answered. */
function goToScene(scene) {
  if (scene < 0 || scene >= lecture.scenes.length) return;
  settle();
  history.pushState(null, "", addressOfScene(scene, lecture.scenes[scene].view));
  showScene(scene, firstStage(scene));
  follow();
}

function addressOfScene(scene, view) {
  const query = new URLSearchParams(view);
  query.set("lecture", 1);
  query.set("scene", scene + 1);
  return addressOf(query);
}

function showScene(scene, stage) {
  lecture.scene = scene;
  const { title, part, text, notice } = currentScene();
  inLecture(".lecture-part").textContent = part;
  inLecture(".lecture-title").textContent = title;
  inLecture(".lecture-text").innerHTML = text;
  inLecture(".notice-text").innerHTML = notice;
  inLecture(".lecture-place").textContent = `${scene + 1} / ${lecture.scenes.length}`;
  inLecture('[data-lecture-action="back"]').disabled = scene === 0;
  prepareQuestion(currentScene().question);
  document.querySelector(".lecture").hidden = false;
  inLecture(".lecture-title").focus({ preventScroll: true });
  scrollTo(0, 0);
  showStage(stage);
}

function showStage(stage) {
  lecture.stage = stage;
  const tab = new URLSearchParams(location.search).get("tab");
  keepBack(stage !== SHOWS || openSection() !== tab);
  const last = lecture.scene === lecture.scenes.length - 1 && stage === SHOWS;
  inLecture('[data-lecture-action="next"]').disabled = last;
  inLecture(".lecture-notice").hidden = stage !== SHOWS;
  showQuestion(stage);
  if (stage === SHOWS) showPicture(lecture.scene);
  keepFocus();
  lectureChanged();
}

/** Of the section only the picture of the scene is seen, while the controls are folded away. */
function showPicture(scene) {
  if (scene !== lecture.scene) return;
  const picture = document.getElementById(currentScene().picture);
  if (!picture) return requestAnimationFrame(() => showPicture(scene));
  markAlone(picture);
}

/** A press on Next or on the clicker: first the answers and the truth, then the next scene. */
function moveOn() {
  if (lecture.stage === SHOWS) return goToScene(lecture.scene + 1);
  if (lecture.stage === ASKS && leads()) return showStage(COUNTS);
  reveal();
}

function reveal() {
  history.replaceState(null, "", addressOf(currentScene().view));
  showStage(SHOWS);
  follow();
}

function closeLecture() {
  lecture.scene = null;
  document.querySelector(".lecture").hidden = true;
  delete document.documentElement.dataset.lecture;
  delete document.documentElement.dataset.controls;
  unmarkAlone();
}

function endLecture() {
  leaveRoom();
  const query = new URLSearchParams(location.search);
  for (const name of ["lecture", "scene", "room"]) query.delete(name);
  history.pushState(null, "", `?${query}`);
  closeLecture();
  document.querySelector(".lecture-entry a").focus();
  follow();
}

/** Who else shows where the lecture is: the notes and the room. */
function lectureChanged() {
  tellNotes();
  tellRoom();
}

/* At once, before anything is seen that a scene puts away. */
if (/[?&](lecture|room)=/.test(location.search)) keepBack(true);
