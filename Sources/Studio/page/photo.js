// Photos: how they come into the page, and how they are made smaller.

/// The longest side of what is sent: no dream is larger.
const longestSide = 2400;
const largestUpload = 15e6;

/// Reads a picture.
///
/// - returns `{name, width, height, bitmap, url, original}`; `original` is what the full dream is made of.
/// - throws if the browser cannot read it.
export async function readPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const { width, height } = bitmap;
  const name = file.name && /\.\w+$/.test(file.name) ? file.name : "photo.jpg";
  // What the service reads is sent as it is, so that the dream is the same as from a terminal.
  const isUnderstood = ["image/jpeg", "image/png"].includes(file.type) && file.size <= largestUpload;
  const original = isUnderstood
    ? { blob: file, name }
    : { blob: await smaller(bitmap, longestSide), name: name.replace(/\.\w+$/, ".jpg") };
  return { name: original.name, width, height, bitmap, original, url: URL.createObjectURL(original.blob) };
}

/// The picture as a JPEG whose longer side has at most this many pixels.
export function smaller(bitmap, side, quality = 0.92) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  // JPEG knows no transparency.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality);
  });
}

/// Calls `take` with every picture that is dropped, pasted, chosen or photographed.
export function receivePhotos(take, dropHint) {
  const element = (id) => document.getElementById(id);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const [button, input] of [["choose", "file"], ["new-photo", "file"], ["photograph", "camera"]]) {
    element(button).addEventListener("click", () => element(input).click());
  }
  for (const id of ["file", "camera"]) {
    element(id).addEventListener("change", (event) => {
      const [file] = event.target.files;
      event.target.value = "";
      if (file) take(file);
    });
  }
  element("photograph").hidden = !matchMedia("(pointer: coarse)").matches;
  element("sample").addEventListener("click", async () => {
    const answer = await fetch(new URL("sample.jpg", import.meta.url));
    take(new File([await answer.blob()], "cup.jpg", { type: "image/jpeg" }));
  });
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dropHint.hidden = false;
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) dropHint.hidden = true; });
  addEventListener("drop", (event) => {
    dropHint.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    take(files.find((file) => file.type.startsWith("image/")) ?? files[0]);
  });
  addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));
    if (file) take(file);
  });
}
