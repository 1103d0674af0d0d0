"""A vector canvas (Skia) with the axes of `geometry`: -1 to 1, y downwards."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import skia

Array = np.ndarray
Point = tuple[float, float]
Colour = Sequence[float]


def ray(turn: float, radius: float = 1) -> Point:
    """The point at this angle (radians) and distance from the centre."""
    return math.cos(turn) * radius, math.sin(turn) * radius


def shrunk(points: Sequence[Point], factor: float, centre: Point = (0, 0)) -> list[Point]:
    """The points moved towards a centre."""
    return [(centre[0] + (x - centre[0]) * factor, centre[1] + (y - centre[1]) * factor) for x, y in points]


def mirrored(points: Sequence[Point], side: int) -> list[Point]:
    """The points with x times `side` (1 or -1)."""
    return [(side * x, y) for x, y in points]


def _skia_colour(colour: Colour) -> int:
    return skia.Color(*(int(255 * min(1.0, max(0.0, part))) for part in map(float, colour)))


class Canvas:
    """Draws shapes; colours may exceed 0...1 and are clipped."""

    def __init__(self, size: int) -> None:
        self._pixels = np.zeros((size, size, 4), np.uint8)
        self._surface = skia.Surface(self._pixels, colorType=skia.kRGBA_8888_ColorType)
        self.skia = self._surface.getCanvas()
        self.skia.translate(size / 2, size / 2)
        self.skia.scale(size / 2, size / 2)

    # What has been drawn

    def rgba(self) -> tuple[Array, Array]:
        """The colours (not multiplied by alpha) and alpha, in 0...1."""
        pixels = self._pixels.astype(np.float32) / 255
        alpha = pixels[..., 3].copy()
        return np.clip(pixels[..., :3] / np.maximum(alpha, 1e-3)[..., None], 0, 1), alpha

    def rgb(self) -> Array:
        return self.rgba()[0]

    # Coordinates and clipping

    @contextmanager
    def moved(
        self, x: float = 0, y: float = 0, turn: float = 0, stretch: tuple[float, float] = (1, 1)
    ) -> Iterator[None]:
        """Draws around (x, y), turned by degrees, then stretched."""
        self.skia.save()
        self.skia.translate(x, y)
        self.skia.rotate(turn)
        self.skia.scale(*stretch)
        yield
        self.skia.restore()

    @contextmanager
    def clipped(self, points: Sequence[Point]) -> Iterator[None]:
        """Draws only inside the smooth outline."""
        self.skia.save()
        self.skia.clipPath(self.outline(points), True)
        yield
        self.skia.restore()

    # Paint

    def radial(self, x: float, y: float, radius: float, colours: Sequence[Colour], stops=None):
        return skia.GradientShader.MakeRadial((x, y), radius, [_skia_colour(c) for c in colours], stops)

    def linear(self, start: Point, end: Point, colours: Sequence[Colour]):
        return skia.GradientShader.MakeLinear([start, end], [_skia_colour(c) for c in colours])

    def _paint(self, colour: Colour, alpha: float, width: float | None, gradient) -> skia.Paint:
        parts = [min(1.0, max(0.0, part)) for part in map(float, colour)]
        paint = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*parts, float(alpha)))
        if width:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(width)
            paint.setStrokeCap(skia.Paint.kRound_Cap)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
        if gradient is not None:
            paint.setShader(gradient)
        return paint

    # Shapes

    def fill(self, colour: Colour, gradient=None) -> None:
        """Covers everything (inside the clip)."""
        self.skia.drawPaint(self._paint(colour, 1, None, gradient))

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha=1, gradient=None) -> None:
        self.ellipse(x, y, radius, radius, colour, alpha, gradient=gradient)

    def ellipse(
        self, x, y, radius_x, radius_y, colour: Colour, alpha: float = 1, width=None, turn=0, gradient=None
    ) -> None:
        """An ellipse turned by degrees; with a `width` only its outline."""
        with self.moved(x, y, turn):
            oval = skia.Rect.MakeLTRB(-radius_x, -radius_y, radius_x, radius_y)
            self.skia.drawOval(oval, self._paint(colour, alpha, width, gradient))

    def rectangle(self, left, top, right, bottom, colour: Colour, gradient=None, corner: float = 0) -> None:
        rectangle = skia.Rect.MakeLTRB(left, top, right, bottom)
        self.skia.drawRoundRect(rectangle, corner, corner, self._paint(colour, 1, None, gradient))

    def polygon(
        self, points: Sequence[Point], colour: Colour, alpha: float = 1, smooth: bool = True, gradient=None
    ) -> None:
        """A filled shape; smooth ones pass through their points in curves."""
        self.shape(self.outline(points, True, smooth), colour, alpha, gradient)

    def shape(self, path: skia.Path, colour: Colour, alpha: float = 1, gradient=None) -> None:
        self.skia.drawPath(path, self._paint(colour, alpha, None, gradient))

    def line(
        self, points: Sequence[Point], colour: Colour, width: float, alpha: float = 1, smooth: bool = True
    ) -> None:
        self.skia.drawPath(self.outline(points, False, smooth), self._paint(colour, alpha, width, None))

    def limb(self, points: Sequence[Point], start: float, end: float, colour: Array) -> None:
        """A tapering limb of half widths `start` to `end`, shaded as a cylinder."""
        for share, light in ((1, 0.45), (0.8, 0.75), (0.55, 1), (0.25, 1.3)):
            left, right = _limb_sides(points, start, end, share)
            self.polygon(left + right[::-1], colour * light)

    @staticmethod
    def outline(points: Sequence[Point], closed: bool = True, smooth: bool = True) -> skia.Path:
        """A path through the points: straight, or Catmull-Rom curves."""
        points = [(float(x), float(y)) for x, y in points]
        count = len(points)
        path = skia.Path()
        path.moveTo(*points[0])
        if smooth and count > 2:
            for i in range(count if closed else count - 1):
                if closed:
                    before, start, end, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
                else:
                    before, start, end, after = (points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2))
                path.cubicTo(
                    start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6,
                    end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6, *end,
                )  # fmt: skip
        else:
            for point in points[1:]:
                path.lineTo(*point)
        if closed:
            path.close()
        return path


def arched_outline(x: float, half: float, bottom: float, spring: float, pointed: bool = False) -> skia.Path:
    """The outline of an arched opening; its curve starts at height `spring`."""
    path = skia.Path()
    path.moveTo(x - half, bottom)
    path.lineTo(x - half, spring)
    if pointed:
        path.quadTo(x - half, spring - half * 0.9, x, spring - half * 1.4)
        path.quadTo(x + half, spring - half * 0.9, x + half, spring)
    else:
        box = skia.Rect.MakeLTRB(x - half, spring - half, x + half, spring + half)
        path.arcTo(box, 180, 180, False)
    path.lineTo(x + half, bottom)
    path.close()
    return path


def _limb_sides(points: Sequence[Point], start: float, end: float, share: float):
    """Both sides of a limb at a fraction of its width; they shift towards the light as it narrows."""
    left, right = [], []
    last = len(points) - 1
    for i, (x, y) in enumerate(points):
        before, after = points[max(i - 1, 0)], points[min(i + 1, last)]
        along_x, along_y = after[0] - before[0], after[1] - before[1]
        length = math.hypot(along_x, along_y) + 1e-6
        width = start + (end - start) * i / last
        shift = (1 - share) * 0.3 * width
        across_x, across_y = -along_y / length * width * share, along_x / length * width * share
        left.append((x - shift + across_x, y - shift + across_y))
        right.append((x - shift - across_x, y - shift - across_y))
    return left, right
