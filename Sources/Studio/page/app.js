// The studio: from a photo to its dream, and everything around it. The other modules know nothing of each other's
// elements; they meet here.

import { dream, hasKey, health, models, onKeyNeeded } from "./api.js";
import { Brush } from "./brush.js";
import { Controls } from "./controls.js";
import { Evolve } from "./evolve.js";
import { Live } from "./live.js";
import { readPhoto, receivePhotos, smaller } from "./photo.js";
import { curlLine, fromFragment, isGuided, recipe, toFragment } from "./recipe.js";
import { See } from "./see.js";
import { languages, preferredLanguage, setLanguage, text } from "./strings.js";
import { Viewer } from "./viewer.js";

const element = (id) => document.getElementById(id);
const sketchSide = 256;
const usualSize = "max:1024";
const longestHistory = 30;

const viewer = new Viewer();
const brush = new Brush(viewer, () => { showCurl(); dreamSoon(); });
/// The photo that is dreamt; null at the start.
let photo = null;
/// The finished dreams of this session, `{fields, photo, guide, strokes, blob, url, name, width, height}`, and which one is shown.
let dreams = [];
let shown = null;
/// Cancels the dream under way; null if there is none.
let controller = null;
let controls, evolve, live, see;

// MARK: Dreaming

let dreamTimer;
/// Dreams when the controls have come to rest.
function dreamSoon() {
  clearTimeout(dreamTimer);
  dreamTimer = setTimeout(dreamNow, 250);
}

async function dreamNow() {
  if (!photo || !controls) return;
  controller?.abort();
  const mine = new AbortController();
  controller = mine;
  const { signal } = mine;
  const fields = { ...recipe.fields };
  hideMessage();
  element("cancel").hidden = false;
  const progress = new Progress();
  try {
    const mask = await brush.file();
    const guide = isGuided(fields) ? controls.guide : null;
    // First a small dream, which is there at once.
    progress.begin(text("status.sketch"), null);
    photo.sketch ??= { blob: await smaller(photo.bitmap, sketchSide), name: "photo.jpg" };
    const small = await dream({ image: photo.sketch, mask, guide }, { ...fields, size: `max:${sketchSide}` }, { signal });
    if (signal.aborted) return;
    await showPreview(small.blob);

    progress.begin(text("status.dreaming"), small.seconds * growth(fields.size));
    const result = await dream({ image: photo.original, mask, guide }, fields, {
      signal,
      onProgress: (state) => {
        if (signal.aborted) return;
        if (state.isLost) showMessage(text("errors.gone")); else hideMessage();
        if (state.preview) viewer.showDream(state.preview); else progress.report(state);
      },
    });
    if (signal.aborted) return;
    const url = URL.createObjectURL(result.blob);
    const picture = Object.assign(new Image(), { src: url });
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    keep({ fields, photo, guide, strokes: brush.strokes, blob: result.blob, url, name: result.name, width, height });
    progress.end(text("status.done", { width, height, seconds: progress.seconds }));
  } catch (error) {
    if (signal.aborted) return;
    progress.end("");
    explain(error, dreamNow);
  } finally {
    if (controller === mine) {
      controller = null;
      element("cancel").hidden = true;
    }
    progress.stop();
  }
}

/// How many times as many pixels as the small dream the full one has.
function growth(size) {
  const side = Number(size?.match(/^max:(\d+)$/)?.[1] ?? 512);
  return (side / sketchSide) ** 2;
}

let previewURL;
async function showPreview(blob) {
  const url = URL.createObjectURL(blob);
  await viewer.showDream(url);
  if (previewURL) URL.revokeObjectURL(previewURL);
  previewURL = url;
}

function cancel() {
  if (!controller) return;
  controller.abort();
  controller = null;
  clearTimeout(dreamTimer);
  element("cancel").hidden = true;
  if (shown) show(shown);
  element("status-words").textContent = text("status.cancelled");
}

/// The bar and the words below the picture.
class Progress {
  constructor() { this.start = performance.now(); }

  get seconds() { return ((performance.now() - this.start) / 1000).toFixed(1); }

  /// - estimate: how many seconds this part will take; null if nobody knows.
  begin(words, estimate) {
    clearInterval(this.timer);
    const start = performance.now();
    this.isReported = false;
    this.words = words;
    element("status-words").textContent = words;
    if (estimate === null) { element("progress").removeAttribute("value"); return; }
    this.timer = setInterval(() => {
      if (this.isReported) return;
      const elapsed = (performance.now() - start) / 1000;
      // What is only estimated never looks finished.
      this.draw(0.95 * (1 - Math.exp((-1.6 * elapsed) / estimate)), Math.max(1, estimate - elapsed));
    }, 200);
  }

  /// What the service says.
  report({ position, fraction, secondsLeft }) {
    if (position === undefined && fraction === undefined) return;
    this.isReported = true;
    if (position > 0) {
      element("progress").removeAttribute("value");
      element("status-words").textContent = text("status.waiting", { count: position });
    } else if (fraction !== undefined) {
      this.draw(fraction, secondsLeft);
    }
  }

  draw(fraction, secondsLeft) {
    element("progress").value = fraction;
    const left = secondsLeft > 1.5 ? ` ${text("status.left", { seconds: Math.ceil(secondsLeft) })}` : "";
    element("status-words").textContent = this.words + left;
  }

  stop() { clearInterval(this.timer); }

  end(words) {
    this.stop();
    element("progress").value = words ? 1 : 0;
    element("status-words").textContent = words;
  }
}

// MARK: Errors

let retryTimer;

/// Says what went wrong and what to do; tries again where that can help.
function explain(error, again) {
  const { kind, status, problem = {}, retryAfter } = error;
  const words = () => {
    if (kind === "unreachable") return text("errors.gone");
    if (status === 503) return text("errors.full", { seconds: retryAfter ?? 5 });
    if (status === 504) return text("errors.slow");
    if (status === 413) return text("errors.large");
    if (status === 415) return text("errors.image");
    if (problem.field && problem.allowed) {
      return text("errors.field", { field: `${problem.field} = ${problem.value}`, allowed: problem.allowed });
    }
    return problem.detail ?? error.message;
  };
  showMessage(words(), again);
  clearTimeout(retryTimer);
  if (kind === "unreachable") {
    retryTimer = setTimeout(() => waitForService(again), 1500);
  } else if (status === 503) {
    retryTimer = setTimeout(again, 1000 * (retryAfter ?? 5));
  }
}

async function waitForService(again) {
  try {
    await health();
    again();
  } catch {
    retryTimer = setTimeout(() => waitForService(again), 1500);
  }
}

function showMessage(words, again = null) {
  element("message-title").textContent = text("errors.title");
  element("message-words").textContent = words;
  const button = element("message-action");
  button.hidden = again === null;
  button.textContent = text("errors.again");
  button.onclick = again;
  element("message").hidden = false;
  // On phones the controls are far below the message.
  const { top, bottom } = element("message").getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) toast(`${text("errors.title")} ${words}`);
}

function hideMessage() {
  clearTimeout(retryTimer);
  element("message").hidden = true;
}

/// Asks for the service's key. Returns it, or null if the question was closed.
function askForKey(wasWrong) {
  const dialog = element("key");
  element("key-words").textContent = text(wasWrong ? "keyWrong" : "keyWords");
  element("key-field").value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "use" ? element("key-field").value.trim() || null : null);
    }, { once: true });
  });
}

// MARK: Photos and dreams

async function take(file) {
  try {
    photo = await readPhoto(file);
  } catch {
    showMessage(text("errors.unreadable"));
    return;
  }
  hideMessage();
  element("start").hidden = true;
  for (const id of ["viewer", "below", "new-photo"]) element(id).hidden = false;
  element("brush").disabled = false;
  viewer.showPhoto(photo);
  brush.reset(photo);
  showCurl();
  dreamNow();
}

async function takeGuide(file) {
  try {
    controls.useGuide((await readPhoto(file)).original);
  } catch {
    showMessage(text("errors.unreadable"));
  }
}

/// Adds a finished dream to the session's, and shows it.
function keep(item) {
  dreams.push(item);
  while (dreams.length > longestHistory) URL.revokeObjectURL(dreams.shift().url);
  show(item);
}

function show(item) {
  if (item.photo !== photo) {
    photo = item.photo;
    viewer.showPhoto(photo);
    brush.reset(photo);
  }
  shown = item;
  viewer.showDream(item.url);
  const link = element("download");
  Object.assign(link, { href: item.url, download: item.name });
  link.removeAttribute("aria-disabled");
  drawHistory();
}

/// Goes back to an earlier dream, with its recipe.
function goTo(item) {
  controller?.abort();
  clearTimeout(dreamTimer);
  element("cancel").hidden = true;
  hideMessage();
  isRestoring = true;
  controls.guide = item.guide ?? controls.guide;
  recipe.replace(item.fields);
  isRestoring = false;
  show(item);
  brush.restore(item.strokes);
  showCurl();
  element("progress").value = 0;
  element("status-words").textContent = `${controls.describe(item.fields)} · ${item.width} × ${item.height}`;
}
let isRestoring = false;

function undo() {
  const index = dreams.indexOf(shown);
  if (index > 0) goTo(dreams[index - 1]);
}

function drawHistory() {
  const list = element("history");
  list.replaceChildren(...dreams.map((item, index) => {
    const cell = document.createElement("div");
    const button = document.createElement("button");
    const label = text("historyItem", { number: index + 1, what: controls.describe(item.fields) });
    cell.setAttribute("role", "listitem");
    Object.assign(button, { type: "button", title: label, ariaLabel: label, ariaCurrent: String(item === shown) });
    button.append(Object.assign(new Image(), { src: item.url, alt: "" }));
    button.addEventListener("click", () => goTo(item));
    cell.append(button);
    return cell;
  }));
  list.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  element("undo").disabled = dreams.indexOf(shown) <= 0;
}

// MARK: The recipe

function showCurl() {
  element("curl-line").textContent = curlLine(recipe.fields, {
    photo: photo?.name, mask: !brush.isEmpty, guide: controls?.guide?.name, needsKey: hasKey(),
  });
}

async function copy(words, message) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Without https there is no clipboard.
    const area = Object.assign(document.createElement("textarea"), { value: words });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(message);
}

let toastTimer;
function toast(words) {
  element("toast").textContent = words;
  element("toast").hidden = false;
  clearTimeout(toastTimer);
  // Long enough to be read.
  toastTimer = setTimeout(() => { element("toast").hidden = true; }, Math.max(2600, 70 * words.length));
}

function share() {
  const address = new URL(toFragment(recipe.fields), document.baseURI).href;
  history.replaceState(null, "", toFragment(recipe.fields));
  copy(address, text("toast.linkCopied"));
}

// MARK: The dialogs

function openSee() {
  hideMessage();
  see?.open(photo, shown?.photo === photo ? shown.blob : null);
}

function openEvolve() {
  hideMessage();
  evolve?.open(photo);
}

// MARK: The beginning

async function changeLanguage(tag, isChoice) {
  await setLanguage(tag, isChoice);
  controls?.show();
  if (shown) drawHistory();
}

function listen() {
  receivePhotos(take, element("drop-hint"));
  element("choose-guide").addEventListener("click", () => element("guide-file").click());
  element("guide-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) takeGuide(file);
  });
  element("cancel").addEventListener("click", cancel);
  element("undo").addEventListener("click", undo);
  element("share").addEventListener("click", share);
  element("copy-curl").addEventListener("click", () => copy(element("curl-line").textContent, text("toast.copied")));
  element("open-see").addEventListener("click", openSee);
  element("open-evolve").addEventListener("click", openEvolve);
  element("open-live").addEventListener("click", () => live?.open());
  for (const button of document.querySelectorAll("dialog .close")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea, dialog")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); undo(); }
    if (event.key === "Escape") cancel();
  });
  addEventListener("resize", () => viewer.keepInside());
  addEventListener("hashchange", () => recipe.replace({ size: usualSize, ...fromFragment(location.hash) }));
  const language = element("language");
  language.replaceChildren(...Object.entries(languages).map(([tag, name]) => new Option(name, tag)));
  language.value = preferredLanguage();
  language.addEventListener("change", () => changeLanguage(language.value, true));
}

async function begin() {
  hideMessage();
  try {
    controls = new Controls(await models());
  } catch (error) {
    explain(error, begin);
    return;
  }
  document.documentElement.classList.add("has-controls");
  showCurl();
  evolve = new Evolve(controls, (error) => explain(error, openEvolve));
  live = new Live(controls);
  see = new See(controls, (error) => explain(error, openSee));
  dreamNow();
}

listen();
onKeyNeeded(askForKey);
recipe.fields = { size: usualSize, ...fromFragment(location.hash) };
recipe.listeners.push((isNew) => {
  showCurl();
  if (isNew && !isRestoring) dreamSoon();
});
showCurl();
await changeLanguage(preferredLanguage(), false);
await begin();
