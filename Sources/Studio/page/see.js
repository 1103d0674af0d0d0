// See: what a network sees in the photo. A layer of the drawn network is chosen; its channels that answer most are
// shown with where they answer, and with what each looks for.

import { activations, channelPicture } from "./api.js";
import { smaller } from "./photo.js";
import { recipe } from "./recipe.js";
import { text } from "./strings.js";

const element = (id) => document.getElementById(id);
const count = 6;
// The longer side at which the network looks.
const side = 320;
// How many pictures of channels the page asks for at once.
const atOnce = 2;
// How dark the photo is where a channel is silent, 0 to 1.
const darkness = 0.82;

export class See {
  /// - onError: called with what went wrong.
  constructor(controls, onError) {
    this.controls = controls;
    this.onError = onError;
    this.dialog = element("see");
    this.urls = [];
    element("see-model").addEventListener("change", () => this.choose(element("see-model").value));
    this.dialog.addEventListener("close", () => this.stop());
  }

  /// - dream: the finished dream's file; null without.
  async open(photo, dream) {
    this.photo = await smaller(photo.bitmap, side);
    this.bitmap = await createImageBitmap(this.photo);
    this.dream = dream && await smaller(await createImageBitmap(dream), side);
    const list = element("see-model");
    list.replaceChildren(...this.controls.models.map(({ name }) => new Option(name, name)));
    const known = this.controls.models.some(({ name }) => name === recipe.fields.model);
    const name = known ? recipe.fields.model : this.controls.standard.name;
    list.value = name;
    list.parentElement.hidden = this.controls.models.length < 2;
    this.dialog.showModal();
    this.choose(name);
  }

  stop() {
    this.controller?.abort();
    for (const url of this.urls) URL.revokeObjectURL(url);
    this.urls = [];
  }

  /// Draws a network, and looks with the layer that it usually dreams.
  choose(name) {
    this.model = this.controls.models.find((model) => model.name === name);
    const { layers } = this.model;
    const widest = Math.max(...layers.map(({ channels }) => channels));
    this.bars = layers.map((layer, index) => {
      const bar = document.createElement("button");
      bar.type = "button";
      bar.setAttribute("role", "radio");
      bar.title = bar.ariaLabel = text("see.layer", { name: layer.name, channels: layer.channels });
      // The layers' grids get coarser, and their channels more.
      bar.style.setProperty("--height", 1 - (0.75 * index) / layers.length);
      bar.style.setProperty("--width", 0.25 + 0.75 * (Math.log(layer.channels) / Math.log(widest)));
      bar.addEventListener("click", () => this.look(index));
      bar.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = (index + step + layers.length) % layers.length;
        this.bars[next].focus();
        this.look(next);
      });
      return bar;
    });
    element("see-network").replaceChildren(...this.bars);
    const usual = recipe.fields.layers ?? new URLSearchParams(this.model.recipe).get("layers") ?? "";
    const first = layers.findIndex(({ name: layer }) => layer === usual.match(/^[^[:,@]+/)?.[0]);
    this.look(first < 0 ? Math.floor(layers.length / 2) : first);
  }

  async look(index) {
    this.stop();
    const controller = new AbortController();
    this.controller = controller;
    const { signal } = controller;
    const layer = this.model.layers[index];
    this.bars.forEach((bar, other) => {
      bar.ariaChecked = String(other === index);
      bar.tabIndex = other === index ? 0 : -1;
    });
    this.bars[index].scrollIntoView({ block: "nearest", inline: "center" });
    element("see-status").textContent = text("see.looking", { name: layer.name });
    try {
      const question = { model: this.model.name, layer: layer.name, count, size: `max:${side}` };
      const ask = (blob) => activations(blob, question, signal);
      const seen = await ask(this.photo);
      if (signal.aborted) return;
      element("see-status").textContent = text("see.answer", { name: layer.name, channels: layer.channels });
      const cards = seen.channels.map((channel) => this.card(seen, channel));
      element("see-channels").replaceChildren(...cards.map(({ card }) => card));
      await this.showLabels(seen.labels, ask, signal);
      await this.showWishes(seen, cards, signal);
    } catch (error) {
      if (error.name === "AbortError" || signal.aborted) return;
      this.dialog.close();
      this.onError(error);
    }
  }

  /// A channel: the photo, lit where it answers, room for what it looks for, and a button to dream of it.
  card(seen, channel) {
    const card = document.createElement("figure");
    const name = `${seen.layer}[${channel.channel}]`;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.bitmap.width, this.bitmap.height];
    canvas.setAttribute("role", "img");
    const { x, y } = channel.position;
    canvas.ariaLabel = text("see.place", { name, x: Math.round(100 * x), y: Math.round(100 * y) });
    this.light(canvas, seen, channel);
    const wish = Object.assign(new Image(), { alt: text("see.wish", { name }), width: 160, height: 160 });
    wish.ariaBusy = "true";
    const caption = document.createElement("figcaption");
    const number = Object.assign(document.createElement("strong"), { textContent: name });
    caption.append(number, ` ${channel.names.join(", ")}`);
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "quiet", textContent: text("see.dream"), ariaLabel: `${text("see.dream")}: ${name}`,
    });
    button.addEventListener("click", () => {
      this.dialog.close();
      const model = this.model === this.controls.standard ? null : this.model.name;
      recipe.change({ preset: null, model, layers: name });
    });
    card.append(canvas, wish, caption, button);
    return { card, wish, channel: channel.channel };
  }

  /// Draws the photo, dark where the channel is silent.
  light(canvas, { rows, columns }, { map, maximum }) {
    const shade = new ImageData(columns, rows);
    map.forEach((value, cell) => {
      shade.data[4 * cell + 3] = 255 * darkness * (1 - Math.max(0, value) / Math.max(maximum, 1e-6));
    });
    const small = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
    small.getContext("2d").putImageData(shade, 0, 0);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(this.bitmap, 0, 0);
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  /// The classes of the photo, and of the dream beside them.
  async showLabels(labels, ask, signal) {
    element("see-labels").hidden = labels.length === 0;
    if (!labels.length) return;
    const dreamt = this.dream ? (await ask(this.dream)).labels : [];
    if (signal.aborted) return;
    const list = (title, labels) => {
      const section = document.createElement("section");
      const rows = labels.map(({ name, probability }) => {
        const row = document.createElement("li");
        const share = document.createElement("span");
        share.textContent = `${(100 * probability).toFixed(1)} %`;
        row.append(name, share);
        row.style.setProperty("--share", probability);
        return row;
      });
      const heading = Object.assign(document.createElement("h3"), { textContent: title });
      const items = document.createElement("ol");
      items.append(...rows);
      section.append(heading, items);
      return section;
    };
    const lists = [list(text("see.before"), labels)];
    if (dreamt.length) lists.push(list(text("see.after"), dreamt));
    element("see-labels").replaceChildren(...lists);
  }

  /// Asks for the pictures of what the channels look for, a few at a time: each may have to be dreamt.
  async showWishes(seen, cards, signal) {
    const waiting = [...cards];
    const work = async () => {
      for (let card = waiting.shift(); card && !signal.aborted; card = waiting.shift()) {
        let blob;
        try {
          blob = await channelPicture(seen.model, seen.layer, card.channel, signal);
        } catch (error) {
          if (![429, 503].includes(error.status)) throw error;
          // Others are dreaming. The picture can wait.
          await new Promise((resolve) => { setTimeout(resolve, 1000 * (error.retryAfter ?? 5)); });
          waiting.unshift(card);
          continue;
        }
        if (signal.aborted) return;
        const url = URL.createObjectURL(blob);
        this.urls.push(url);
        card.wish.src = url;
        card.wish.ariaBusy = "false";
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
}
