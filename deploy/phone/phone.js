// The browser as a phone: one call at a time, by JsSIP. What it says stands in data attributes of the page, in the
// subscriber's language; what a call costs is asked from K5 before it may begin.
import { UA, WebSocketInterface } from "jssip";

const at = (id) => document.getElementById(id);
const box = at("phone"), say = box.dataset, field = at("number"), go = at("go"), price = at("price"), far = at("far");
const MEDIA = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };
const AGAIN_MS = 1500; // the switch hears of a fresh account a moment later
const OURS = { "User Denied Media Access": say.microphone, "Internal Error": say.broken, "WebRTC Error": say.broken,
  "Bad Media Description": say.broken, "Incompatible SDP": say.broken, "Missing SDP": say.broken };
const THEIRS = { Busy: say.busy, "No Answer": say.silent, Unavailable: say.away, "Not Found": say.unknown,
  "Address Incomplete": say.unknown, Rejected: say.refused, "Authentication Error": say.over, Canceled: say.cancelled };

let session = null, asked = null, ready = null, tries = 0, clock = 0, bell = null;

const state = (text) => { at("state").textContent = text; };
const show = () => {
  const is_incoming = session?.direction === "incoming" && !session.isEstablished();
  at("talk").hidden = !session;
  at("answer").hidden = !is_incoming;
  at("dial").hidden = !!session;
  if (!session) document.title = say.title;
};
// Why a call was never answered, by JsSIP's words; what has none of its own has come to nothing all the same
const why = (call, { cause, originator }) => {
  if (OURS[cause]) return OURS[cause];
  if (call.direction === "outgoing") return THEIRS[cause] || say.failed;
  return cause === "Rejected" && originator === "local" ? say.declined : say.missed;
};
const idle = (text) => {
  session = null;
  clearInterval(clock);
  ring(false);
  at("time").textContent = "";
  state(text);
  show();
};
const ring = (is_on) => {
  clearInterval(bell);
  if (!is_on) return;
  const audio = new AudioContext();
  bell = setInterval(() => {
    const tone = audio.createOscillator();
    tone.frequency.value = 425;
    tone.connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.8);
  }, 3000);
};

const ua = new UA({
  sockets: [new WebSocketInterface(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/phone`)],
  uri: `sip:${say.login}@${location.hostname}`,
  ha1: say.digest,
  realm: say.realm,
  session_timers: false,
  user_agent: "K5",
});

ua.on("registered", () => { tries = 0; if (!session) state(say.ready); });
ua.on("disconnected", () => state(say.lost));
ua.on("registrationFailed", () => {
  if (Date.now() > say.until * 1000) return state(say.over);
  state(++tries > 3 ? say.lost : say.connecting);
  setTimeout(() => ua.register(), AGAIN_MS * tries);
});
ua.on("newRTCSession", ({ session: fresh }) => {
  if (session && session !== fresh) return fresh.terminate({ status_code: 486 });
  session = fresh;
  const hear = (pc) => pc.addEventListener("track", (event) => { [far.srcObject] = event.streams; });
  if (fresh.connection) hear(fresh.connection); else fresh.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
  const other = fresh.remote_identity.uri.user || "";
  const caller = /^[0-9]{7,}$/.test(other) ? `+${other}` : /^[0-9]+$/.test(other) ? other : say.hidden;
  at("other").textContent = fresh.direction === "incoming" ? caller : ready.shown;
  fresh.on("progress", () => state(fresh.direction === "incoming" ? say.incoming : say.ringing));
  fresh.on("accepted", () => {
    const began = Date.now();
    ring(false);
    state(say.talking);
    clock = setInterval(() => {
      const talked = Math.floor((Date.now() - began) / 1000);
      at("time").textContent = `${Math.floor(talked / 60)}:${String(talked % 60).padStart(2, "0")}`;
    }, 500);
    show();
  });
  fresh.on("ended", () => idle(say.ended));
  fresh.on("failed", (end) => idle(why(fresh, end)));
  state(fresh.direction === "incoming" ? say.incoming : say.calling);
  if (fresh.direction === "incoming") { document.title = say.incoming; ring(true); }
  show();
});

const forget = () => { ready = null; go.textContent = say.ask; price.textContent = ""; };
const ask = async () => {
  const typed = field.value.trim(), mine = (asked = {});
  if (!typed) return;
  let told;
  try {
    const answer = await fetch(`${say.price}?number=${encodeURIComponent(typed)}`);
    if (answer.redirected || !answer.ok) return location.reload(); // the log-in is over
    told = await answer.json();
  } catch {
    told = { said: say.lost };
  }
  if (mine !== asked) return; // another number was typed meanwhile
  price.textContent = told.said;
  if (told.call) { ready = told; go.textContent = told.button; }
};

field.addEventListener("input", forget);
at("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!ready) return ask();
  ua.call(`sip:${ready.call}@${location.hostname}`, MEDIA);
});
at("answer").addEventListener("click", () => session?.answer(MEDIA));
at("hang").addEventListener("click", () => session?.terminate());
for (const key of document.querySelectorAll("#keys button")) {
  key.addEventListener("click", () => {
    if (session?.isEstablished()) return session.sendDTMF(key.value, { transportType: "RFC2833" });
    field.value += key.value;
    forget();
  });
}
addEventListener("pagehide", () => ua.stop());
box.hidden = false;
at("keys").hidden = false;
state(say.connecting);
if (field.value) ask();
ua.start();
