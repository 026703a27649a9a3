/* Rooms: a lecturer leads, students follow. The secret that leads stays in the lecturer's browser. */

const TELL_AFTER = 150; // milliseconds: a link follows a result, and both are one change
const COUNT_EVERY = 1000; // milliseconds between two looks at the answers

const room = { code: null, secret: null, source: null, away: false, place: null, shown: null };

const leads = () => room.secret !== null;
const followsRoom = () => room.code !== null && !leads() && !room.away;

/** A request to the room; the lecturer's carry the secret. */
async function requestRoom(path, method, body) {
  const headers = { "Content-Type": "application/json" };
  if (leads()) headers.Authorization = `Bearer ${room.secret}`;
  const response = await fetch(`lecture/rooms/${path}`, {
    method, headers, body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function sayOfRoom(text) {
  inLecture(".lecture-room-state").textContent = text;
  inLecture('[data-lecture-action="rejoin"]').hidden = room.code === null || leads() || !room.away;
  document.documentElement.toggleAttribute("data-follows", followsRoom());
}

/* ---- The lecturer ------------------------------------------------------------------------------- */

/** After a reload the lecturer still leads. */
function resumeRoom() {
  const kept = sessionStorage.lectureRoom;
  if (kept) Object.assign(room, JSON.parse(kept));
}

async function toggleRoom() {
  const dialog = document.querySelector(".lecture-room");
  if (dialog.open) return dialog.close();
  if (room.code === null) {
    try {
      Object.assign(room, await requestRoom("", "POST"));
    } catch (error) {
      return sayOfRoom(say("room.not_opened", { error: error.message }));
    }
    sessionStorage.lectureRoom = JSON.stringify({ code: room.code, secret: room.secret });
    tellRoom();
  }
  const page = location.origin + location.pathname;
  const link = `${page}?room=${room.code}`;
  dialog.querySelector(".room-code").textContent = room.code;
  Object.assign(dialog.querySelector(".room-link"), { href: link, textContent: link });
  dialog.querySelector(".room-qr").src =
    `lecture/rooms/${room.code}/qr?page=${encodeURIComponent(page)}`;
  const alone = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  dialog.querySelector(".room-warning").textContent = alone ? say("room.only_here") : "";
  dialog.showModal();
}

let telling;

/** Students go where the lecturer is, once the address has settled. */
function tellRoom() {
  if (!leads() || lecture.scene === null) return;
  clearTimeout(telling);
  telling = setTimeout(async () => {
    const { scene, stage } = lecture;
    const view = stage === SHOWS ? viewOf(location.search) : currentScene().view;
    try {
      const { students } = await requestRoom(room.code, "PUT", { scene, stage, view });
      sayOfRoom(say("room.students", { code: room.code, students }));
    } catch (error) {
      sayOfRoom(say("room.not_reached", { code: room.code, error: error.message }));
    }
    countAnswers(scene);
  }, TELL_AFTER);
}

document.addEventListener("viewchange", tellRoom);

let counting;

/** While a question is open, how many have answered. */
async function countAnswers(scene) {
  clearTimeout(counting);
  if (!leads() || scene !== lecture.scene || lecture.stage !== ASKS) return;
  const counted = await countsOf(scene);
  if (counted && lecture.stage === ASKS) sayCounts(counted);
  counting = setTimeout(() => countAnswers(scene), COUNT_EVERY);
}

function sayCounts({ students, answers }) {
  sayOfRoom(say("room.answers", { code: room.code, students, answers }));
}

async function countsOf(scene) {
  try {
    return await requestRoom(`${room.code}/answers/${scene}`, "GET");
  } catch {
    return null; // the network may be back at the next look
  }
}

async function showHistogram(scene) {
  if (!leads()) return;
  const counted = await countsOf(scene);
  if (!counted || scene !== lecture.scene) return;
  if (currentScene().question.sounds.length) showHits(counted);
  else drawHistogram(counted.bins);
}

/* ---- A student ---------------------------------------------------------------------------------- */

function joinRoom() {
  const code = new URLSearchParams(location.search).get("room");
  if (!code || leads()) return;
  room.code = code;
  document.querySelector(".lecture").hidden = false;
  inLecture(".lecture-title").textContent = say("room.soon");
  sayOfRoom(say("room.joined", { code }));
  room.source = new EventSource(`lecture/rooms/${encodeURIComponent(code)}/places`);
  room.source.onmessage = ({ data }) => {
    room.place = JSON.parse(data);
    if (room.away) sayOfRoom(say("room.elsewhere", { scene: room.place.scene + 1 }));
    else goToPlace(room.place);
  };
  room.source.addEventListener("ended", () => endRoom(say("room.ended")));
  room.source.onerror = () => {
    if (room.source?.readyState === EventSource.CLOSED) endRoom(say("room.none"));
  };
}

/** The scene stays; a page without any is the page that everybody has. */
function endRoom(why) {
  leaveRoom();
  if (lecture.scene === null) closeLecture();
  document.querySelector(".lecture").hidden = false;
  if (lecture.scene === null) inLecture(".lecture-title").textContent = "";
  sayOfRoom(why);
}

/** Where the lecturer is. A view that was shown already is not computed anew. */
function goToPlace({ scene, stage, view }) {
  const [moved, other] = [scene !== lecture.scene, view !== room.shown];
  room.shown = view;
  if (moved || other) history.replaceState(null, "", addressOfScene(scene, view));
  if (moved) showScene(scene, stage);
  else if (stage !== lecture.stage) showStage(stage);
  follow();
  sayOfRoom(stage === COUNTS ? say("room.counts")
    : say("room.following", { code: room.code }));
}

async function sendAnswer(answer) {
  try {
    const body = { student: studentNumber(), scene: lecture.scene, answer };
    await requestRoom(`${room.code}/answers`, "POST", body);
    inLecture(".lecture-truth").textContent = say("room.counted");
  } catch (error) {
    inLecture(".lecture-truth").textContent = say("room.not_counted", { error: error.message });
  }
}

/** A random number of this browser: each student has one answer, and nobody else knows the number. */
function studentNumber() {
  localStorage.lectureStudent ??= randomDigits();
  return localStorage.lectureStudent;
}

/* Who tries something else has left the lecture, until they go back to it. */
for (const kind of ["input", "click"]) {
  document.addEventListener(kind, (event) => {
    if (!event.isTrusted || !followsRoom()) return;
    if (!event.target.closest?.(".sections") || event.target.closest(".player")) return;
    room.away = true;
    sayOfRoom(say("room.left"));
  });
}

function rejoin() {
  room.away = false;
  room.shown = null;
  if (room.place) goToPlace(room.place);
  keepFocus();
}

function leaveRoom() {
  room.source?.close();
  delete sessionStorage.lectureRoom;
  Object.assign(room, { code: null, secret: null, source: null, away: false, place: null, shown: null });
  if (document.querySelector(".lecture")) sayOfRoom("");
}
