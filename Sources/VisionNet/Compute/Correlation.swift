/// A convolution's pass along one side, height or width: which inputs an output depends on through which taps.
///
/// Output `r` reads, through tap `a`, input `r · inputStep + a - before` of the input's `inputPhase`. The forward pass
/// is one such correlation or, for a stride above 1, a sum of one for each phase of the inputs. The backward pass for a
/// stride above 1 has one for each phase of its results: only the kernel's rows `p, p + stride, …` read the inputs at
/// positions `p - padding (mod stride)` (Dumoulin & Visin, "A guide to convolution arithmetic for deep learning",
/// arXiv:1603.07285, chapter 4).
struct Axis: Hashable {
    /// The kernel's row (or column) for each tap, in the order of the inputs. There are several lists if several
    /// outputs, neighbours in memory, are computed as one; nil means that an output does not use a tap.
    let kernels: [[Int?]]
    var inputPhase = Phase.all
    var inputStep = 1
    /// The distance from the first tap of output 0 to input 0; negative if the tap comes after input 0.
    let before: Int
    var outputStart = 0
    var outputStep = 1
    let outputs: Int

    /// The positions `first`, `first + step`, …
    struct Phase: Hashable {
        let first: Int
        let step: Int

        static let all = Phase(first: 0, step: 1)

        /// The number of these positions below `size`.
        func count(of size: Int) -> Int { max(0, (size - first + step - 1) / step) }
    }

    var taps: Int { kernels.first?.count ?? 0 }

    /// The forward pass of a window over `size` inputs.
    static func forward(size: Int, window: Int, stride: Int, padding: Padding) -> Axis {
        Axis(
            kernels: [Array(0..<window)], inputStep: stride,
            before: padding.before(size, window: window, stride: stride),
            outputs: padding.outputs(of: size, window: window, stride: stride))
    }

    /// The forward pass as a sum of passes of stride 1, each over one phase of the inputs; nil if padding rules this
    /// out.
    static func forwardPhases(size: Int, window: Int, stride: Int, padding: Padding) -> [Axis]? {
        guard padding.before(size, window: window, stride: stride) == 0 else { return nil }
        return (0..<min(stride, window)).map { phase in
            Axis(
                kernels: [Array(Swift.stride(from: phase, to: window, by: stride))],
                inputPhase: Phase(first: phase, step: stride), before: 0,
                outputs: padding.outputs(of: size, window: window, stride: stride))
        }
    }

    /// The backward pass, from the outputs' gradient to that of `size` inputs: one axis for each phase that has inputs,
    /// in the order of their first inputs.
    static func backward(size: Int, window: Int, stride: Int, padding: Padding) -> [Axis] {
        (0..<min(stride, size)).map { start in
            let (taps, before) = readers(ofInput: start, size: size, window: window, stride: stride, padding: padding)
            return Axis(
                kernels: [taps], before: before, outputStart: start, outputStep: stride,
                outputs: (size - start + stride - 1) / stride)
        }
    }

    /// The kernel's rows that read an input, in the order of the outputs, and how far the first of these outputs is
    /// before output 0.
    private static func readers(
        ofInput input: Int, size: Int, window: Int, stride: Int, padding: Padding
    ) -> (taps: [Int], before: Int) {
        let before = padding.before(size, window: window, stride: stride)
        let phase = (input + before) % stride
        let taps = Array(Swift.stride(from: phase, to: window, by: stride).reversed())
        return (taps, taps.count - 1 - (input + before - phase) / stride)
    }

    /// The backward pass with `count` inputs computed as one, and separate axes for the inputs left over at the end.
    ///
    /// - Parameter count: a multiple of the stride, at most `size`.
    static func mergedBackward(size: Int, window: Int, stride: Int, padding: Padding, count: Int) -> [Axis] {
        let merged = (0..<count).map { input in
            readers(ofInput: input, size: size, window: window, stride: stride, padding: padding)
        }
        let before = merged.map(\.before).max() ?? 0
        let taps = before + (merged.map { $0.taps.count - $0.before }.max() ?? 0)
        let kernels = merged.map { input in
            let skipped = before - input.before
            return [Int?](repeating: nil, count: skipped) + input.taps
                + [Int?](repeating: nil, count: taps - skipped - input.taps.count)
        }
        let (whole, steps) = (size / count, count / stride)
        let axis = Axis(kernels: kernels, inputStep: steps, before: before, outputStep: count, outputs: whole)
        let rest = backward(size: size, window: window, stride: stride, padding: padding)
        return [axis] + rest.filter { $0.outputs > whole * steps }.map { $0.dropping(whole * steps) }
    }

    /// The same pass without its first outputs.
    private func dropping(_ count: Int) -> Axis {
        Axis(
            kernels: kernels, inputPhase: inputPhase, inputStep: inputStep, before: before - count * inputStep,
            outputStart: outputStart + count * outputStep, outputStep: outputStep, outputs: outputs - count)
    }

    /// The zeros that an input of `size` needs on each side so that every tap reads valid memory.
    func border(ofInput size: Int) -> Int {
        guard taps > 0, outputs > 0 else { return 0 }
        let last = (outputs - 1) * inputStep + taps - 1 - before
        return max(0, before, last - (inputPhase.count(of: size) - 1)) * inputPhase.step
    }
}

/// A convolution's pass along both sides of the picture.
struct Correlation: Hashable {
    let vertical: Axis
    let horizontal: Axis

    var taps: Int { vertical.taps * horizontal.taps }
    var pixels: Int { vertical.outputs * horizontal.outputs }

    static func forward(_ group: ConvolutionGroup, height: Int, width: Int) -> Correlation {
        let (kernel, stride, padding) = (group.kernel, group.stride, group.padding)
        return Correlation(
            vertical: .forward(size: height, window: kernel.height, stride: stride, padding: padding),
            horizontal: .forward(size: width, window: kernel.width, stride: stride, padding: padding))
    }

    /// The passes of stride 1 whose sum is the forward pass; nil if it cannot be split.
    static func forwardPhases(_ group: ConvolutionGroup, height: Int, width: Int) -> [Correlation]? {
        let (kernel, stride, padding) = (group.kernel, group.stride, group.padding)
        guard stride > 1,
            let rows = Axis.forwardPhases(size: height, window: kernel.height, stride: stride, padding: padding),
            let columns = Axis.forwardPhases(size: width, window: kernel.width, stride: stride, padding: padding)
        else { return nil }
        return product(rows, columns)
    }

    /// The phases of the backward pass to an input of this size; they write disjoint pixels.
    ///
    /// - Parameter merging: how many neighbouring columns are computed as one, for inputs with few channels; a multiple
    ///   of the stride, or 1.
    static func backward(_ group: ConvolutionGroup, height: Int, width: Int, merging: Int) -> [Correlation] {
        let (kernel, stride, padding) = (group.kernel, group.stride, group.padding)
        let rows = Axis.backward(size: height, window: kernel.height, stride: stride, padding: padding)
        let columns =
            merging > 1
            ? Axis.mergedBackward(
                size: width, window: kernel.width, stride: stride, padding: padding, count: merging)
            : Axis.backward(size: width, window: kernel.width, stride: stride, padding: padding)
        return product(rows, columns)
    }

    private static func product(_ rows: [Axis], _ columns: [Axis]) -> [Correlation] {
        rows.flatMap { row in columns.map { Correlation(vertical: row, horizontal: $0) } }
    }
}
