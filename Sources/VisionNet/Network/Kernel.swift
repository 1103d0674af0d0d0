/// The size of a convolution's window, `height × width`.
public struct Kernel: Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let height: Int
    public let width: Int

    public init(_ height: Int, by width: Int) {
        self.height = height
        self.width = width
    }

    public init(integerLiteral side: Int) {
        self.init(side, by: side)
    }
}
