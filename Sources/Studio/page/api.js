// All calls of the service: its public interface (docs/api.md) and nothing else. Addresses are relative to the page,
// so that it works under any prefix.

/// What went wrong, with the service's problem document if it sent one.
export class ServiceError extends Error {
  /// - kind: the last part of the problem's type, or `unreachable`.
  constructor(kind, { status = 0, problem = {}, retryAfter = null } = {}) {
    super(problem.detail ?? kind);
    Object.assign(this, { kind, status, problem, retryAfter });
  }
}

// MARK: The key, which some services need

const keyName = "deepdream-key";
let askForKey = null;
let question = null;

/// Sets what asks for the key when the service wants one: gets whether a key was wrong, and returns the key, or null.
export function onKeyNeeded(ask) { askForKey = ask; }

/// Whether the service has wanted a key.
export const hasKey = () => sessionStorage.getItem(keyName) !== null;

function authorization() {
  const key = sessionStorage.getItem(keyName);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/// Asks for the key, once for all requests that need it. Returns whether there is one now.
async function getKey() {
  question ??= askForKey?.(hasKey()).finally(() => { question = null; });
  const key = await question;
  // The browser forgets it with the tab.
  if (key) sessionStorage.setItem(keyName, key); else sessionStorage.removeItem(keyName);
  return Boolean(key);
}

// MARK: Requests

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options, headers: { ...options.headers, ...authorization() } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError("unreachable");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && await getKey()) return call(path, options);
  let problem = {};
  try { problem = await answer.json(); } catch { /* A proxy's own page, for instance. */ }
  const kind = problem.type?.split(":").pop() ?? (answer.status >= 502 ? "unreachable" : "unknown");
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  throw new ServiceError(kind, { status: answer.status, problem, retryAfter });
}

/// The networks, their layers and names, and the recipe's fields.
export const models = async () => (await call("models")).json();

/// Throws if the service does not answer. Not /readyz, which proxies keep to themselves.
export const health = async () => (await call("healthz")).json();

/// What a network sees in a picture: the channels of a layer that answer most, and the likeliest classes.
///
/// - fields: model, layer, count, order and size, as text.
export async function activations(blob, fields, signal) {
  const body = form({ image: { blob, name: "photo.jpg" } }, fields);
  return (await call("activations", { method: "POST", body, signal, headers: { Accept: "application/json" } })).json();
}

/// The picture of what a channel looks for. The service keeps it, and so may the browser.
export async function channelPicture(model, layer, channel, signal) {
  const path = ["models", model, "layers", layer, "channels", channel].map(encodeURIComponent).join("/");
  return (await call(path, { signal, cache: "default" })).blob();
}

function form(files, recipe) {
  const form = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) form.set(name, file.blob, file.name);
  for (const [name, value] of Object.entries(recipe)) form.set(name, value);
  return form;
}

let hasJobs = true;

/// Dreams.
///
/// - files: `{image: {blob, name}, mask: …}`.
/// - recipe: its fields as text.
/// - signal: cancels the dream on the service, too.
/// - onProgress: called with `{position, fraction, secondsLeft}`, `{preview}` (the address of a picture) or `{isLost}`;
///   without it the dream is asked for in one request.
/// - returns `{blob, recipe, name, seconds}`.
export async function dream(files, recipe, { signal, onProgress = null } = {}) {
  const body = form(files, recipe);
  const inOneRequest = async () => picture(await call("deepdream", { method: "POST", body, signal }));
  if (!onProgress || !hasJobs) return inOneRequest();
  let job;
  try {
    job = await (await call("jobs", { method: "POST", body, signal })).json();
  } catch (error) {
    // Older services have no jobs.
    if (error.status !== 404) throw error;
    hasJobs = false;
    return inOneRequest();
  }
  const end = await follow(job, signal, onProgress);
  if (end.state === "done") return picture(await call(end.links.result, { signal }));
  const problem = end.error ?? { detail: end.state };
  throw new ServiceError(problem.type?.split(":").pop() ?? end.state, { status: problem.status, problem });
}

/// Follows a job's events to its end, and asks for them again if the connection breaks.
///
/// - returns the job's document.
async function follow(job, signal, onProgress) {
  const cancel = () => {
    fetch(job.links.job, { method: "DELETE", keepalive: true, headers: authorization() }).catch(() => {});
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel);
  try {
    while (true) {
      try {
        const answer = await call(job.links.events, { signal, headers: { Accept: "text/event-stream" } });
        onProgress({ isLost: false });
        for await (const { name, data } of events(answer)) {
          if (name === "progress") {
            const { queue_position: position, progress: fraction, seconds_left: secondsLeft } = data;
            onProgress({ position, fraction, secondsLeft });
          } else if (name === "preview") {
            onProgress({ preview: data.image });
          } else if (["done", "failed", "cancelled"].includes(name)) {
            return data;
          }
        }
      } catch (error) {
        if (signal?.aborted) throw new DOMException("cancelled", "AbortError");
        if (error.kind !== "unreachable" && error.status !== 503) throw error;
      }
      onProgress({ isLost: true });
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
      if (signal?.aborted) throw new DOMException("cancelled", "AbortError");
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

/// The events of a stream, `{name, data}`. An EventSource cannot send a key.
async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServiceError("unreachable");
    }
    if (piece.done) return;
    text += piece.value;
    let end;
    while ((end = text.indexOf("\n\n")) >= 0) {
      const fields = Object.fromEntries(
        text.slice(0, end).split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]));
      text = text.slice(end + 2);
      if (fields.data) yield { name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

async function picture(answer) {
  const header = (name) => answer.headers.get(name) ?? "";
  const seconds = [...header("Server-Timing").matchAll(/(\w+);dur=([\d.]+)/g)]
    .filter(([, stage]) => stage !== "queue")
    .reduce((sum, [, , milliseconds]) => sum + Number(milliseconds) / 1000, 0);
  let blob;
  try {
    blob = await answer.blob();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError("unreachable");
  }
  return { blob, recipe: header("DeepDream-Recipe"), name: fileName(header("Content-Disposition")), seconds };
}

function fileName(disposition) {
  const encoded = disposition.match(/filename\*=UTF-8''([^;]+)/i);
  if (encoded) return decodeURIComponent(encoded[1]);
  return disposition.match(/filename="([^"]+)"/)?.[1] ?? "dream.jpg";
}
