/// Elements (channels, or bytes of sign bits) of the pixels of a picture, with gaps between pixels and rows.
final class Plane<Element: BitwiseCopyable> {
    let height, width, depth: Int
    let pixelStride, rowStride: Int
    private let buffer: GuardedBuffer<Element>

    /// `element` is called with nil for the gaps.
    init(
        height: Int, width: Int, depth: Int, pixelGap: Int, rowGap: Int,
        _ element: ((y: Int, x: Int, index: Int)?) -> Element
    ) {
        (self.height, self.width, self.depth) = (height, width, depth)
        let pixelStride = depth + pixelGap
        let rowStride = width * pixelStride + rowGap
        (self.pixelStride, self.rowStride) = (pixelStride, rowStride)
        buffer = GuardedBuffer(count: (height - 1) * rowStride + (width - 1) * pixelStride + depth) { position in
            let (y, inRow) = position.quotientAndRemainder(dividingBy: rowStride)
            let (x, index) = inRow.quotientAndRemainder(dividingBy: pixelStride)
            return element(x < width && index < depth ? (y, x, index) : nil)
        }
    }

    var base: UnsafeMutablePointer<Element> { buffer.base }
    var elements: [Element] { buffer.elements }

    func offset(_ y: Int, _ x: Int, _ index: Int = 0) -> Int { y * rowStride + x * pixelStride + index }
    subscript(y: Int, x: Int, index: Int) -> Element { base[offset(y, x, index)] }
}

extension Plane where Element: TensorElement {
    /// Random values with random gaps full of NaN, which no result may depend on.
    convenience init(height: Int, width: Int, channels: Int, using generator: inout SeededGenerator) {
        var random = generator
        func roundedUp(_ count: Int) -> Int { (count + Element.step - 1) / Element.step * Element.step }
        let pixelGap = roundedUp(channels + (random.flip() ? 0 : random.integer(1...9))) - channels
        self.init(
            height: height, width: width, depth: channels, pixelGap: pixelGap, rowGap: roundedUp(random.integer(0...9))
        ) { place in place == nil ? .nan : Element(rounding: random.float()) }
        generator = random
    }

    /// The value of an element.
    func value(_ y: Int, _ x: Int, _ index: Int) -> Double { Double(self[y, x, index].value) }
}
