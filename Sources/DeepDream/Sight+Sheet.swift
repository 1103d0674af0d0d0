import Imaging

extension Sight {
    /// A contact sheet of the channels: the photo in grey, with the places lit where a channel answers.
    ///
    /// - Parameters:
    ///   - photo: the photo that was looked at, in any size.
    ///   - isCancelled: asked often on this thread. Once it returns true, this ends soon with `CancellationError`.
    public func sheet(of photo: Image, isCancelled: () -> Bool = { false }) throws -> Image {
        let size = ContactSheet.tileSize(width: photo.width, height: photo.height)
        let small = photo.resized(width: size.width, height: size.height, isCancelled: isCancelled)
        let tiles = try channels.map { channel in
            let names = channel.names.first.map { " \($0)" } ?? ""
            let numbers = "\(Self.short(channel.mean)) max \(Self.short(channel.maximum))"
            return ContactSheet.Tile(
                try lit(small, by: channel, isCancelled: isCancelled),
                caption: ["\(layer)[\(channel.number)]\(names)", numbers])
        }
        let labels = labels.map { "\($0.name) \(Self.percentage($0.probability))" }
        let sheet = ContactSheet(tiles, columns: Self.sheetColumns, heading: labels).picture(isCancelled: isCancelled)
        if isCancelled() { throw CancellationError() }
        return sheet
    }

    /// The photo in dark grey, and bright in its own colours where the channel answers most.
    private func lit(_ photo: Image, by channel: Channel, isCancelled: () -> Bool) throws -> Image {
        let largest = Float(max(channel.maximum, 1e-6))
        let map = FloatImage(
            width: columns, height: rows, channels: 1, values: channel.map.map { max(0, $0) / largest }
        ).resized(width: photo.width, height: photo.height, filter: .triangle, isCancelled: isCancelled)
        var picture = photo
        for row in 0..<photo.height {
            if isCancelled() { throw CancellationError() }
            for pixel in row * photo.width..<(row + 1) * photo.width {
                let light = min(1, max(0, map.values[pixel]))
                let colors = photo.pixels[3 * pixel..<3 * pixel + 3]
                let grey = colors.reduce(0) { $0 + Float($1) } / 3 * Self.darkness
                for (offset, color) in colors.enumerated() {
                    picture.pixels[3 * pixel + offset] = UInt8(grey + (Float(color) - grey) * light)
                }
            }
        }
        return picture
    }

    static let sheetColumns = 4

    /// How bright the photo is where a channel is silent.
    private static let darkness: Float = 0.3

    /// With two digits behind the point.
    private static func short(_ number: Double) -> String {
        let hundredths = Int((abs(number) * 100).rounded())
        let fraction = hundredths % 100
        return "\(number < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    private static func percentage(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10)%" : "\((tenths + 5) / 10)%"
    }
}
