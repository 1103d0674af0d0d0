import Imaging
import VisionNet

/// The last part of a dream: what of the photo stays in it.
struct Finish {
    private let recipe: Recipe
    private let mask: Image?
    private let workspace: Workspace

    /// - Parameter workspace: whose threads blur the mask.
    init(_ recipe: Recipe, mask: Image?, in workspace: Workspace) {
        (self.recipe, self.mask, self.workspace) = (recipe, mask, workspace)
    }

    /// Whether the dream remains as it is.
    private var isNothing: Bool {
        recipe.strength == 1 && !recipe.preservesColor && !recipe.preservesBrightness && mask == nil
            && recipe.detail == .dream
    }

    /// The finished dream. If the workspace's work was cancelled, it may be incomplete.
    ///
    /// - Parameters:
    ///   - dream: RGB in [-1, 1].
    ///   - photo: the photo in the dream's size.
    ///   - original: the photo in its own size, which the dream gets with `detail=restore`.
    func apply(to dream: consuming FloatImage, photo: Image, original: Image) -> Image {
        var dream = dream
        if isNothing { return Image(signedUnit: dream) }
        let (width, height) = (dream.width, dream.height)
        let brightness = recipe.preservesBrightness ? BrightnessMatch(of: dream, to: photo) : nil
        let mask = mask.map { feathered($0, width: width, height: height) }
        let strength = Float(recipe.strength)
        // What changes in the photo, pixel by pixel in the place of the dream.
        dream.values.withUnsafeMutableBufferPointer { values in
            photo.pixels.withUnsafeBufferPointer { bytes in
                for pixel in 0..<width * height {
                    let before = SIMD3<Float>(signedUnit: bytes, pixel)
                    var after = SIMD3<Float>(values[3 * pixel], values[3 * pixel + 1], values[3 * pixel + 2])
                    if let brightness { after += brightness.change(of: after.luminance) }
                    if recipe.preservesColor { after = before + (after.luminance - before.luminance) }
                    let change = (after - before) * (strength * (mask?.values[pixel] ?? 1))
                    for channel in 0..<3 { values[3 * pixel + channel] = change[channel] }
                }
            }
        }
        return changed(recipe.detail == .restore ? original : photo, by: dream)
    }

    /// A picture plus a change, which is enlarged to its size. Linear interpolation does not overshoot, so that edges
    /// do not ring.
    private func changed(_ picture: Image, by change: FloatImage) -> Image {
        var picture = picture
        let length = 3 * picture.width
        let size = (picture.width, picture.height)
        picture.pixels.withUnsafeMutableBufferPointer { bytes in
            change.forEachRow(resizedTo: size, filter: .triangle, isCancelled: workspace.isCancelled) { row, values in
                for index in 0..<length {
                    let byte = row * length + index
                    let value = Float(bytes[byte]) + 127.5 * values[index]
                    bytes[byte] = UInt8(max(0, min(255, value.rounded(.toNearestOrEven))))
                }
            }
        }
        return picture
    }

    /// The mask in the dream's size, from 0, where the photo stays, to 1, with soft borders.
    private func feathered(_ mask: Image, width: Int, height: Int) -> FloatBuffer {
        let fitted = mask.resized(
            width: width, height: height, filter: .triangle, isCancelled: workspace.isCancelled)
        let values = FloatBuffer(count: width * height)
        fitted.pixels.withUnsafeBufferPointer { bytes in
            for pixel in 0..<width * height {
                values.values[pixel] = (SIMD3<Float>(signedUnit: bytes, pixel).luminance + 1) / 2
            }
        }
        if recipe.maskFeather > 0 {
            let blur = GaussianBlur(
                deviation: recipe.maskFeather, width: width, height: height, channels: 1, math: VectorMath(workspace))
            let between = FloatBuffer(count: width * height)
            RowWork(
                [
                    .rows(count: height, scratch: blur.scratchCount) { rows, scratch in
                        blur.alongRows(rows, of: values.values, into: between.values, scratch: scratch)
                    },
                    .rows(count: height) { rows, _ in
                        blur.acrossRows(rows, of: between.values, into: values.values)
                    },
                ], in: workspace
            ).run()
        }
        return values
    }
}

/// Gives a dream's brightness the mean and the standard deviation of the photo's.
private struct BrightnessMatch {
    private let factor: Double
    private let offset: Double

    init(of dream: FloatImage, to photo: Image) {
        func moments(_ luminance: (Int) -> Double) -> (mean: Double, deviation: Double) {
            let count = photo.width * photo.height
            var (sum, squares) = (0.0, 0.0)
            for pixel in 0..<count {
                let value = luminance(pixel)
                sum += value
                squares += value * value
            }
            let mean = sum / Double(count)
            return (mean, max(0, squares / Double(count) - mean * mean).squareRoot())
        }
        let before = photo.pixels.withUnsafeBufferPointer { bytes in
            moments { Double(SIMD3<Float>(signedUnit: bytes, $0).luminance) }
        }
        let after = dream.values.withUnsafeBufferPointer { values in
            moments { Double(SIMD3<Float>(values[3 * $0], values[3 * $0 + 1], values[3 * $0 + 2]).luminance) }
        }
        // A dream without contrast has none to stretch.
        factor = after.deviation > 1e-6 ? before.deviation / after.deviation : 1
        offset = before.mean - factor * after.mean
    }

    /// What to add to red, green and blue of a pixel of this brightness.
    func change(of luminance: Float) -> Float { Float((factor - 1) * Double(luminance) + offset) }
}

extension SIMD3<Float> {
    /// A pixel in -1...1.
    fileprivate init(signedUnit bytes: UnsafeBufferPointer<UInt8>, _ pixel: Int) {
        self.init(
            Float(bytes[3 * pixel]) / 127.5 - 1, Float(bytes[3 * pixel + 1]) / 127.5 - 1,
            Float(bytes[3 * pixel + 2]) / 127.5 - 1)
    }

    /// The brightness of ITU-R BT.601, which JPEG's YCbCr has.
    fileprivate var luminance: Float { 0.299 * x + 0.587 * y + 0.114 * z }
}
