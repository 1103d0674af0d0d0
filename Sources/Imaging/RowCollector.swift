import CImageCodecs

/// Makes RGB samples, and alpha, of the rows that a codec delivers: reduces them, converts their colours to sRGB, and
/// lays transparent pixels on a background. Only the result is kept in memory.
final class RowCollector<Sample: FixedWidthInteger & UnsignedInteger & Sendable>: RowReceiver {
    /// The size of the result, as stored.
    let width: Int
    let height: Int
    private(set) var colours: [Sample]
    private(set) var alpha: [Sample]

    private let layout: ic_layout
    private let channels: Int
    private let hasAlpha: Bool
    private let keepsAlpha: Bool
    private let background: [Sample]
    private let conversion: ColourConversion?
    private let sourceWidth: Int
    private let sourceHeight: Int
    /// Squares of so many pixels a side are averaged.
    private let ratio: Int
    /// The sums of the squares that are being added up; those of colours are weighted with alpha.
    private var sums: [UInt64]
    /// A reduced row in the file's layout.
    private var reduced: [Sample]
    /// A row of grey pixels as RGB, for conversions that take that.
    private var expanded: [Sample]

    init(
        header: ic_header, ratio: Int, conversion: ColourConversion?, options: DecodingOptions,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        layout = header.layout
        hasAlpha = header.layout == IC_GREY_ALPHA || header.layout == IC_RGBA
        channels = header.layout == IC_CMYK ? 4 : Int(header.layout.rawValue)
        sourceWidth = Int(header.decoded.width)
        sourceHeight = Int(header.decoded.height)
        self.ratio = ratio
        self.conversion = conversion
        width = (sourceWidth + ratio - 1) / ratio
        height = (sourceHeight + ratio - 1) / ratio
        keepsAlpha = hasAlpha && options.keepsAlpha
        let scale = Sample.max / 255
        background = [options.background.red, options.background.green, options.background.blue].map {
            Sample($0) * scale
        }
        // Grey, where a damaged file has no more rows.
        colours = [Sample](repeating: Sample.max / 2, count: 3 * width * height)
        alpha = [Sample](repeating: Sample.max, count: keepsAlpha ? width * height : 0)
        sums = [UInt64](repeating: 0, count: ratio > 1 ? channels * width : 0)
        reduced = [Sample](repeating: 0, count: ratio > 1 ? channels * width : 0)
        expanded = [Sample](repeating: 0, count: conversion?.takesRGBOfGrey == true ? 3 * width : 0)
        super.init(isCancelled: isCancelled)
    }

    override func take(_ samples: UnsafeRawPointer, y: Int) {
        guard y < sourceHeight else { return }
        let row = UnsafeBufferPointer(
            start: samples.assumingMemoryBound(to: Sample.self), count: channels * sourceWidth)
        guard ratio > 1 else { return finish(row, y: y) }
        add(row)
        let rows = y % ratio + 1
        guard rows == ratio || y == sourceHeight - 1 else { return }
        average(rows: rows)
        reduced.withUnsafeBufferPointer { finish($0, y: y / ratio) }
    }

    /// Adds a row to the sums of its squares.
    private func add(_ row: UnsafeBufferPointer<Sample>) {
        let (channels, ratio, hasAlpha, width, sourceWidth) = (channels, ratio, hasAlpha, width, sourceWidth)
        sums.withUnsafeMutableBufferPointer { sums in
            for x in 0..<width {
                let pixels = x * ratio..<min((x + 1) * ratio, sourceWidth)
                if channels == 3 {
                    var (red, green, blue): (UInt64, UInt64, UInt64) = (0, 0, 0)
                    for i in pixels {
                        red &+= UInt64(truncatingIfNeeded: row[3 * i])
                        green &+= UInt64(truncatingIfNeeded: row[3 * i + 1])
                        blue &+= UInt64(truncatingIfNeeded: row[3 * i + 2])
                    }
                    sums[3 * x] &+= red
                    sums[3 * x + 1] &+= green
                    sums[3 * x + 2] &+= blue
                } else {
                    for i in pixels {
                        let pixel = channels * i
                        let opacity = hasAlpha ? UInt64(row[pixel + channels - 1]) : 1
                        let colours = hasAlpha ? channels - 1 : channels
                        for channel in 0..<colours {
                            sums[channels * x + channel] &+= UInt64(row[pixel + channel]) * opacity
                        }
                        if hasAlpha { sums[channels * x + colours] &+= opacity }
                    }
                }
            }
        }
    }

    /// Makes the reduced row of the sums, and starts new sums.
    private func average(rows: Int) {
        let colourCount = hasAlpha ? channels - 1 : channels
        for x in 0..<width {
            let columns = min((x + 1) * ratio, sourceWidth) - x * ratio
            let pixels = UInt64(rows * columns)
            let opacity = hasAlpha ? sums[channels * x + colourCount] : pixels
            for channel in 0..<colourCount {
                let sum = sums[channels * x + channel]
                reduced[channels * x + channel] = opacity == 0 ? 0 : Sample((sum + opacity / 2) / opacity)
            }
            if hasAlpha { reduced[channels * x + colourCount] = Sample((opacity + pixels / 2) / pixels) }
        }
        for i in sums.indices { sums[i] = 0 }
    }

    /// Converts a row of the result's width and stores it.
    private func finish(_ row: UnsafeBufferPointer<Sample>, y: Int) {
        colours.withUnsafeMutableBufferPointer { colours in
            let target = UnsafeMutableBufferPointer(rebasing: colours[3 * width * y..<3 * width * (y + 1)])
            convert(row, into: target)
            guard hasAlpha else { return }
            if keepsAlpha {
                for x in 0..<width { alpha[width * y + x] = row[channels * x + channels - 1] }
            } else {
                compose(target, alphaOf: row)
            }
        }
    }

    private func convert(_ row: UnsafeBufferPointer<Sample>, into target: UnsafeMutableBufferPointer<Sample>) {
        guard let source = row.baseAddress, let start = target.baseAddress else { return }
        if let conversion {
            guard conversion.takesRGBOfGrey else { return conversion.convert(source, into: start, count: width) }
            expanded.withUnsafeMutableBufferPointer { expanded in
                guard let rgb = expanded.baseAddress else { return }
                expandGrey(row, into: expanded)
                conversion.convert(rgb, into: start, count: width)
            }
            return
        }
        switch layout {
        case IC_RGB:
            start.update(from: source, count: 3 * width)
        case IC_RGBA:
            for x in 0..<width {
                target[3 * x] = row[4 * x]
                target[3 * x + 1] = row[4 * x + 1]
                target[3 * x + 2] = row[4 * x + 2]
            }
        case IC_CMYK:
            for x in 0..<width {
                let paper = UInt64(row[4 * x + 3])
                for channel in 0..<3 {
                    target[3 * x + channel] = Self.divided(UInt64(row[4 * x + channel]) * paper)
                }
            }
        default:
            expandGrey(row, into: target)
        }
    }

    private func expandGrey(_ row: UnsafeBufferPointer<Sample>, into target: UnsafeMutableBufferPointer<Sample>) {
        for x in 0..<width {
            let grey = row[channels * x]
            target[3 * x] = grey
            target[3 * x + 1] = grey
            target[3 * x + 2] = grey
        }
    }

    /// Composes in the encoded values, not in linear light, as browsers do.
    private func compose(_ target: UnsafeMutableBufferPointer<Sample>, alphaOf row: UnsafeBufferPointer<Sample>) {
        for x in 0..<width {
            let opacity = row[channels * x + channels - 1]
            guard opacity < Sample.max else { continue }
            for channel in 0..<3 {
                target[3 * x + channel] = Self.divided(
                    UInt64(target[3 * x + channel]) * UInt64(opacity)
                        + UInt64(background[channel]) * UInt64(Sample.max - opacity))
            }
        }
    }

    /// A product of two samples as one, rounded.
    private static func divided(_ product: UInt64) -> Sample {
        let top = UInt64(Sample.max)
        return Sample((product + top / 2) / top)
    }
}
