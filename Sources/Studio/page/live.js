// Live: the camera's picture, dreamt frame by frame. One frame is under way at a time; the camera's others are dropped,
// so that the dream is never late.
//
// Each frame is an ordinary request over the connection that the browser keeps. Of the 90 ms that a frame took on two busy
// processors, 5 were not computing; so a WebSocket or a multipart stream, a second interface, would not be much faster.

import { dream } from "./api.js";
import { recipe } from "./recipe.js";
import { text } from "./strings.js";

const element = (id) => document.getElementById(id);
const [width, height] = [320, 240];
// Few steps at one size are quick. Each frame begins with a part of the last dream, so that the dream grows from frame
// to frame.
const quick = { steps: 2, octaves: 1, step_size: 0.05, jitter: 8, bands: "0,2", size: `${width}x${height}`, quality: 80 };
const memory = 0.5;

export class Live {
  constructor(controls) {
    this.controls = controls;
    this.dialog = element("live");
    this.canvas = element("live-canvas");
    this.context = this.canvas.getContext("2d");
    this.dialog.addEventListener("close", () => this.stop());
    element("live-full").addEventListener("click", () => element("live-stage").requestFullscreen());
    element("live-motif").replaceChildren(...controls.motifNames.map((name) => new Option(name, name)));
    element("live-motif").addEventListener("change", (event) => { this.motif = event.target.value; });
  }

  async open() {
    for (const option of element("live-motif").options) option.text = text(`motifs.${option.value}`);
    const { preset = "recommended" } = recipe.fields;
    if (this.controls.motifNames.includes(preset)) element("live-motif").value = preset;
    this.motif = element("live-motif").value;
    element("live-message").hidden = true;
    element("live-rate").textContent = "";
    this.dialog.showModal();
    const controller = new AbortController();
    this.controller = controller;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: width * 2 }, height: { ideal: height * 2 }, facingMode: "user" },
      });
    } catch {
      this.tell(text("errors.camera"));
      return;
    }
    if (controller.signal.aborted) { this.stop(); return; }
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    video.srcObject = this.stream;
    await video.play();
    this.run(video, controller.signal);
  }

  tell(words) {
    element("live-message").textContent = words;
    element("live-message").hidden = false;
  }

  stop() {
    this.controller?.abort();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  async run(video, signal) {
    const frame = document.createElement("canvas");
    [frame.width, frame.height] = [width, height];
    const context = frame.getContext("2d");
    const times = [];
    let last = null;
    while (!signal.aborted) {
      context.globalAlpha = 1;
      this.drawFilling(context, video);
      if (last) {
        context.globalAlpha = memory;
        context.drawImage(last, 0, 0);
      }
      const blob = await new Promise((resolve) => { frame.toBlob(resolve, "image/jpeg", 0.85); });
      try {
        const preset = this.motif === "recommended" ? {} : { preset: this.motif };
        const answer = await dream({ image: { blob, name: "frame.jpg" } }, { ...quick, ...preset }, { signal });
        last?.close();
        last = await createImageBitmap(answer.blob);
        if (signal.aborted) break;
        this.context.drawImage(last, 0, 0);
        element("live-message").hidden = true;
      } catch (error) {
        if (error.name === "AbortError") break;
        this.tell(error.kind === "unreachable" ? text("errors.gone") : error.message);
        await new Promise((resolve) => { setTimeout(resolve, 1500); });
      }
      times.push(performance.now());
      if (times.length > 20) times.shift();
      if (times.length > 3) {
        const rate = ((times.length - 1) * 1000) / (times.at(-1) - times[0]);
        element("live-rate").textContent = text("rate", { rate: rate.toFixed(1) });
      }
    }
    last?.close();
  }

  /// Draws the middle of the camera's picture, mirrored as people know themselves.
  drawFilling(context, video) {
    const scale = Math.max(width / video.videoWidth, height / video.videoHeight);
    const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
    context.save();
    context.translate(width, 0);
    context.scale(-1, 1);
    context.drawImage(video, (width - w) / 2, (height - h) / 2, w, h);
    context.restore();
  }
}
