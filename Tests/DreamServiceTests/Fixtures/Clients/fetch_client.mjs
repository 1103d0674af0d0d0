// Sends a photo with Node's fetch as a form, as the body itself, in chunks, in JSON and as a job. usage: URL PHOTO
import { readFile } from "node:fs/promises";

const [url, path] = process.argv.slice(2);
const photo = await readFile(path);
const recipe = { steps: 1, octaves: 1, size: "max:90" };
const query = `${url}?${new URLSearchParams(recipe)}`;
const jpeg = { "Content-Type": "image/jpeg" };

const form = new FormData();
for (const [name, value] of Object.entries(recipe)) form.set(name, value);
form.set("image", new Blob([photo]), "Kätzchen.jpg");
const typed = new FormData();
typed.set("image", new Blob([photo], { type: "image/jpeg" }), 'a "quoted" name.jpg');

const pieces = new ReadableStream({
  start(controller) {
    controller.enqueue(photo.subarray(0, 1000));
    controller.enqueue(photo.subarray(1000));
    controller.close();
  },
});
const requests = [
  [url, { body: form }],
  [query, { body: typed }],
  [query, { body: photo, headers: jpeg }],
  [query, { body: new Blob([photo], { type: "image/jpeg" }) }],
  [query, { body: pieces, headers: jpeg, duplex: "half" }],
  [
    url,
    {
      body: JSON.stringify({ image: photo.toString("base64"), recipe }),
      headers: { "Content-Type": "application/json" },
    },
  ],
];
let first;
for (const [target, options] of requests) {
  const answer = await fetch(target, { method: "POST", ...options });
  if (!answer.ok) throw new Error(await answer.text());
  const dream = Buffer.from(await answer.arrayBuffer());
  first ??= dream;
  if (!dream.equals(first) || dream[0] !== 0xff) throw new Error("another dream");
}

const job = await fetch(query.replace("/deepdream", "/jobs"), { method: "POST", body: photo, headers: jpeg });
if (job.status !== 202) throw new Error(await job.text());
const address = new URL(job.headers.get("Location"), url);
const events = await (await fetch(`${address}/events`)).text();
if (!events.includes("\nevent: done\n")) throw new Error(events);
const result = Buffer.from(await (await fetch(`${address}/result`)).arrayBuffer());
if (!result.equals(first)) throw new Error("another dream");
console.log(requests.length + 1, "dreams");
