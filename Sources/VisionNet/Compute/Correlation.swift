/// One convolution's pass along one side, height or width: which inputs an output sees through which taps.
///
/// Output `r`, at position `outputStart + r · outputStep`, sees input `r · inputStep + a - before` through kernel row
/// `taps[a]`. The forward pass is one such correlation. The backward pass of a stride is one for each of its phases:
/// the inputs at positions `p - padding (mod stride)` were seen through the taps `p, p + stride, …` only
/// (Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, chapter 4).
struct Axis: Hashable {
    /// Kernel rows (or columns) in the order of the inputs they meet.
    let taps: [Int]
    let inputStep: Int
    /// How far the first tap of output 0 lies before input 0; negative where it lies behind.
    let before: Int
    let outputStart: Int
    let outputStep: Int
    let outputs: Int

    /// The forward pass of a window over `size` inputs.
    static func forward(size: Int, window: Int, stride: Int, padding: Padding) -> Axis {
        Axis(
            taps: Array(0..<window), inputStep: stride, before: padding.before(size, window: window, stride: stride),
            outputStart: 0, outputStep: 1, outputs: padding.outputs(of: size, window: window, stride: stride))
    }

    /// The backward pass, from the outputs' gradient to that of `size` inputs: one axis for each phase that has inputs.
    static func backward(size: Int, window: Int, stride: Int, padding: Padding) -> [Axis] {
        let before = padding.before(size, window: window, stride: stride)
        return (0..<stride).compactMap { phase in
            let start = ((phase - before) % stride + stride) % stride
            guard start < size else { return nil }
            let taps = Array(Swift.stride(from: phase, to: window, by: stride).reversed())
            let first = (start + before - phase) / stride
            return Axis(
                taps: taps, inputStep: 1, before: taps.count - 1 - first, outputStart: start, outputStep: stride,
                outputs: (size - start + stride - 1) / stride)
        }
    }

    /// How many zeros an input of `size` needs before and after itself so that every tap reads something.
    func border(ofInput size: Int) -> Int {
        guard !taps.isEmpty, outputs > 0 else { return 0 }
        return max(0, before, (outputs - 1) * inputStep + taps.count - 1 - before - (size - 1))
    }
}

/// A convolution's pass in both directions of the picture.
struct Correlation: Hashable {
    let vertical: Axis
    let horizontal: Axis

    var taps: Int { vertical.taps.count * horizontal.taps.count }
    var pixels: Int { vertical.outputs * horizontal.outputs }

    static func forward(_ group: ConvolutionGroup, height: Int, width: Int) -> Correlation {
        Correlation(
            vertical: .forward(
                size: height, window: group.kernel.height, stride: group.stride, padding: group.padding),
            horizontal: .forward(
                size: width, window: group.kernel.width, stride: group.stride, padding: group.padding))
    }

    /// The phases of the backward pass to an input of this size; they write disjoint pixels.
    static func backward(_ group: ConvolutionGroup, height: Int, width: Int) -> [Correlation] {
        let columns = Axis.backward(
            size: width, window: group.kernel.width, stride: group.stride, padding: group.padding)
        return Axis.backward(
            size: height, window: group.kernel.height, stride: group.stride, padding: group.padding
        ).flatMap { row in columns.map { Correlation(vertical: row, horizontal: $0) } }
    }
}
