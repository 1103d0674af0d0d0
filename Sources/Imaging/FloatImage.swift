/// A picture of 32-bit floating point numbers, the form in which dreams are computed.
///
/// `values` holds `channels` numbers for each pixel, row by row from the top left (HWC).
public struct FloatImage: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public let channels: Int
    public var values: [Float]

    /// - Precondition: `values.count == channels * width * height`, every dimension positive.
    public init(width: Int, height: Int, channels: Int = 3, values: [Float]) {
        precondition(width > 0 && height > 0 && channels > 0 && values.count == channels * width * height)
        self.width = width
        self.height = height
        self.channels = channels
        self.values = values
    }

    /// A picture of one value everywhere.
    public init(width: Int, height: Int, channels: Int = 3, filledWith value: Float = 0) {
        self.init(
            width: width, height: height, channels: channels,
            values: [Float](repeating: value, count: channels * width * height))
    }
}
