/// Pictures side by side in rows, each with a caption below it.
public struct ContactSheet: Sendable {
    /// A picture of the sheet.
    public struct Tile: Sendable {
        public let picture: Image
        /// Lines below the picture; what is too long for its width is cut off.
        public let caption: [String]

        public init(_ picture: Image, caption: [String]) {
            self.picture = picture
            self.caption = caption
        }
    }

    /// The width of a tile in pixels; pictures are scaled to it, unless they would be higher than twice as much.
    public static let tileWidth = 176
    private static let greatestHeight = 2 * tileWidth
    /// The most characters of a caption's line.
    public static let captionLength = tileWidth / (CaptionFont.advance * captionScale)

    private static let captionScale = 2
    private static let gap = 8
    private static let background: UInt8 = 24
    private static let ink: UInt8 = 230

    private let tiles: [Tile]
    private let columns: Int
    private let heading: [String]

    /// - Parameters:
    ///   - tiles: at least one.
    ///   - columns: how many tiles a row has, at least 1.
    ///   - heading: lines above the tiles.
    public init(_ tiles: [Tile], columns: Int, heading: [String] = []) {
        precondition(!tiles.isEmpty && columns > 0)
        self.tiles = tiles
        self.columns = min(columns, tiles.count)
        self.heading = heading
    }

    /// The size in which the sheet shows a picture.
    public static func tileSize(width: Int, height: Int) -> (width: Int, height: Int) {
        let scaled = height * tileWidth / width
        guard scaled > greatestHeight else { return (tileWidth, max(1, scaled)) }
        return (max(1, width * greatestHeight / height), greatestHeight)
    }

    /// How many bytes a sheet takes at most while it is made and encoded as PNG, its tiles included.
    ///
    /// - Parameters:
    ///   - width: of the pictures, in pixels.
    ///   - height: of the pictures, in pixels.
    ///   - lines: how many lines a caption has at most, and the heading.
    public static func bytes(tiles: Int, columns: Int, width: Int, height: Int, lines: Int) -> Int {
        let size = tileSize(width: width, height: height)
        let text = lines * CaptionFont.lineHeight * captionScale
        let rows = (tiles + columns - 1) / columns
        let sheet = (gap + columns * (tileWidth + gap)) * (2 * gap + text + rows * (size.height + text + 2 * gap))
        // The tiles and their copies in the sheet's size; the sheet, and what its encoding takes.
        return tiles * 2 * 3 * size.width * size.height + (3 + 12) * sheet
    }

    /// The sheet as one picture. All rows are as high as the highest tile.
    ///
    /// - Parameter isCancelled: asked often; once it returns true, the rest of the picture is empty.
    public func picture(isCancelled: () -> Bool = { false }) -> Image {
        let pictures = tiles.map { tile in
            let size = Self.tileSize(width: tile.picture.width, height: tile.picture.height)
            return tile.picture.resized(width: size.width, height: size.height, isCancelled: isCancelled)
        }
        let lineHeight = CaptionFont.lineHeight * Self.captionScale
        let pictureHeight = pictures.map(\.height).max() ?? 1
        let captionHeight = (tiles.map(\.caption.count).max() ?? 0) * lineHeight
        let rows = (tiles.count + columns - 1) / columns
        let top = heading.isEmpty ? Self.gap : 2 * Self.gap + heading.count * lineHeight
        let (stepX, stepY) = (Self.tileWidth + Self.gap, pictureHeight + captionHeight + 2 * Self.gap)
        var sheet = Image(width: Self.gap + columns * stepX, height: top + rows * stepY, grey: Self.background)
        for (line, text) in heading.enumerated() {
            sheet.write(
                text, x: Self.gap, y: Self.gap + line * lineHeight, scale: Self.captionScale, grey: Self.ink,
                width: sheet.width - 2 * Self.gap)
        }
        for (index, (tile, picture)) in zip(tiles, pictures).enumerated() {
            if isCancelled() { break }
            let (x, y) = (Self.gap + index % columns * stepX, top + index / columns * stepY)
            sheet.paste(picture, x: x, y: y)
            for (line, text) in tile.caption.enumerated() {
                sheet.write(
                    text, x: x, y: y + picture.height + Self.gap / 2 + line * lineHeight, scale: Self.captionScale,
                    grey: Self.ink, width: Self.tileWidth)
            }
        }
        return sheet
    }
}

extension Image {
    /// A picture of one shade of grey.
    fileprivate init(width: Int, height: Int, grey: UInt8) {
        self.init(width: width, height: height, pixels: [UInt8](repeating: grey, count: 3 * width * height))
    }

    /// Copies a picture, which must fit, to a place.
    fileprivate mutating func paste(_ picture: Image, x: Int, y: Int) {
        for row in 0..<picture.height {
            let (source, target) = (3 * row * picture.width, 3 * ((y + row) * width + x))
            pixels.replaceSubrange(
                target..<target + 3 * picture.width, with: picture.pixels[source..<source + 3 * picture.width])
        }
    }

    /// Writes a line of text, as much of it as fits into a width.
    fileprivate mutating func write(_ text: String, x: Int, y: Int, scale: Int, grey: UInt8, width limit: Int) {
        CaptionFont.forEachPixel(of: String(text.prefix(limit / (CaptionFont.advance * scale)))) { column, row in
            for dy in 0..<scale {
                let first = 3 * ((y + row * scale + dy) * width + x + column * scale)
                for index in first..<first + 3 * scale { pixels[index] = grey }
            }
        }
    }
}
