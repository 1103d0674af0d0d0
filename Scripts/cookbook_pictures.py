"""Makes the pictures of the documents that show commands, with these very commands.

    python3 Scripts/cookbook_pictures.py .build/release/deepdream docs/cookbook.md docs/how-it-works.md

Runs the lines `deepdream dream ...`, `see`, `atlas` and `evolve` of a document's code blocks in an empty folder that
has the pictures of docs/images and docs/images/cookbook. Of what they make, the pictures that the document shows are
kept. With --missing, only those that there are not yet.
"""

import argparse
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

#: The largest picture that is kept, in bytes.
LARGEST = 60 * 1024
#: The beginnings of the commands that make pictures.
COMMANDS = ["deepdream dream ", "deepdream see ", "deepdream atlas ", "deepdream evolve "]


def commands(text: str) -> list[list[str]]:
    """The commands of a document's code blocks, as words; a line that ends with a backslash goes on."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith(tuple(COMMANDS))]


def output(words: list[str]) -> str:
    """The file that a command writes."""
    if "-o" in words:
        return words[words.index("-o") + 1]
    # The dream is the second file, or the only one of dreams from noise; directories of dreams are not shown.
    return words[2] if words[3].startswith("--") else words[3]


def shown(text: str) -> set[str]:
    """The names of the pictures that a document shows from its own folder."""
    return set(re.findall(r"\]\(images/cookbook/([^)]+)\)", text))


def make(executable: pathlib.Path, document: pathlib.Path, only_missing: bool) -> None:
    text = document.read_text()
    images = document.parent / "images"
    kept = images / "cookbook"
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for picture in [*images.glob("*.jpg"), *kept.iterdir()]:
            shutil.copy(picture, folder)
        for words in commands(text):
            name = output(words)
            if name not in shown(text) or (only_missing and (kept / name).exists()):
                continue
            print(shlex.join(words), flush=True)
            quiet = [] if words[1] == "see" else ["--quiet"]
            subprocess.run([executable, *words[1:], *quiet], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            size = (folder / name).stat().st_size
            if size > LARGEST:
                raise SystemExit(f"{name} has {size} bytes; make it smaller: at most {LARGEST}")
            shutil.copy(folder / name, kept)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the pictures of documents with the commands that they show.")
    parser.add_argument("deepdream", type=pathlib.Path)
    parser.add_argument("documents", type=pathlib.Path, nargs="+")
    parser.add_argument("--missing", action="store_true", help="make only the pictures that there are not yet")
    arguments = parser.parse_args()
    for document in arguments.documents:
        make(arguments.deepdream.resolve(), document, arguments.missing)


if __name__ == "__main__":
    main()
