// The brush: paints a mask of where the photo dreams. White dreams, black stays.

const element = (id) => document.getElementById(id);
const longestSide = 768;
const most = 40;

export class Brush {
  /// - onChange: called after each stroke.
  constructor(viewer, onChange) {
    this.viewer = viewer;
    this.canvas = element("mask-canvas");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.strokes = [];
    this.onChange = onChange;
    element("brush").addEventListener("click", () => this.use(!this.isActive));
    element("brush-done").addEventListener("click", () => this.use(false));
    element("brush-undo").addEventListener("click", () => this.undo());
    element("brush-clear").addEventListener("click", () => this.clear());
    const { frame } = viewer;
    frame.addEventListener("pointerdown", (event) => this.begin(event));
    frame.addEventListener("pointermove", (event) => this.go(event));
    frame.addEventListener("pointerup", (event) => this.end(event));
    frame.addEventListener("pointercancel", (event) => this.end(event));
  }

  get isEmpty() { return this.strokes.length === 0; }

  use(isActive) {
    if (isActive !== Boolean(this.isActive)) {
      // All of the dream is seen, so that no stroke seems to do nothing.
      if (isActive) this.partBefore = this.viewer.part;
      this.viewer.divide(isActive ? 0 : this.partBefore ?? 0.5);
    }
    this.isActive = isActive;
    this.viewer.isPainting = isActive;
    this.viewer.frame.classList.toggle("painting", isActive);
    this.canvas.hidden = !isActive;
    element("brush").setAttribute("aria-pressed", isActive);
    element("brush-tools").hidden = !isActive;
    // On phones the button is far below the picture.
    if (isActive) this.viewer.frame.scrollIntoView({ block: "nearest" });
  }

  /// Begins anew, for another photo.
  reset(photo) {
    const scale = Math.min(1, longestSide / Math.max(photo.width, photo.height));
    this.canvas.width = Math.max(1, Math.round(photo.width * scale));
    this.canvas.height = Math.max(1, Math.round(photo.height * scale));
    this.strokes = [];
    this.use(false);
  }

  /// Takes back the strokes of an earlier dream.
  restore(strokes) {
    this.strokes = strokes;
    this.draw();
  }

  clear() {
    if (this.isEmpty) return;
    this.strokes = [];
    this.draw();
    this.onChange();
  }

  undo() {
    if (this.isEmpty) return;
    // A new list: dreams of the session remember the old one.
    this.strokes = this.strokes.slice(0, -1);
    this.draw();
    this.onChange();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * this.canvas.width,
      ((event.clientY - box.top) / box.height) * this.canvas.height,
    ];
  }

  begin(event) {
    if (!this.isActive || event.button > 0) return;
    this.viewer.frame.setPointerCapture(event.pointerId);
    const width = (element("brush-size").value / 100) * this.canvas.width;
    this.stroke = { width, points: [this.place(event)] };
    this.strokes = [...this.strokes, this.stroke].slice(-most);
    this.draw();
  }

  go(event) {
    if (!this.stroke) return;
    this.stroke.points.push(this.place(event));
    this.draw();
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.onChange();
  }

  draw() { this.paint(this.context, getComputedStyle(document.documentElement).getPropertyValue("--accent")); }

  paint(context, color) {
    const { width, height } = context.canvas;
    context.clearRect(0, 0, width, height);
    Object.assign(context, { strokeStyle: color, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      // Soft borders.
      context.filter = `blur(${stroke.width / 8}px)`;
      context.lineWidth = stroke.width;
      context.beginPath();
      const [first, ...others] = stroke.points;
      context.moveTo(...first);
      context.lineTo(first[0] + 0.01, first[1]);
      for (const point of others) context.lineTo(...point);
      context.stroke();
    }
    context.filter = "none";
  }

  /// The mask as a file; null if nothing is painted.
  async file() {
    if (this.isEmpty) return null;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.canvas.width, this.canvas.height];
    const context = canvas.getContext("2d");
    this.paint(context, "#fff");
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
    return { blob, name: "mask.png" };
  }
}
