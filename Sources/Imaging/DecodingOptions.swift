/// How a photo is decoded.
public struct DecodingOptions: Sendable {
    /// A colour in sRGB.
    public struct Colour: Hashable, Sendable {
        public var red: UInt8
        public var green: UInt8
        public var blue: UInt8

        public init(red: UInt8, green: UInt8, blue: UInt8) {
            (self.red, self.green, self.blue) = (red, green, blue)
        }

        public static let white = Colour(red: 255, green: 255, blue: 255)
    }

    /// The size, as shown, that the photo is needed at. A larger photo may be decoded at a smaller size than its own,
    /// which saves time and memory, but never with a side shorter than 1.5 times the needed one. Nil: its own size.
    public var needed: (width: Int, height: Int)?
    /// Transparent pixels are laid on this colour, unless ``keepsAlpha``.
    public var background = Colour.white
    /// Whether transparency is kept, in ``Photo/alpha``.
    public var keepsAlpha = false
    /// Whether the pixels stay in the photo's own colour profile, if it is one for red, green and blue. It is then in
    /// ``PhotoMetadata/icc``.
    public var keepsProfile = false
    /// Whether a file with missing or damaged data is accepted; where nothing could be read, the photo is grey.
    public var acceptsDamage = false
    /// Asked for each row, and often while there is no row yet. Decoding ends soon after it returns true.
    public var isCancelled: @Sendable () -> Bool = { false }

    public init() {}
}
