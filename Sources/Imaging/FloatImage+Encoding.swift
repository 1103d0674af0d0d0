extension FloatImage {
    /// The picture as a file; its values are −1...1, red, green and blue.
    ///
    /// What the options ask for and the format cannot hold, transparency, grey or 16 bits, is left out.
    ///
    /// - Precondition: `channels == 3`.
    /// - Throws: ``ImageError/invalidQuality(_:)``, ``ImageError/invalidComment(_:reason:)``,
    ///   ``ImageError/unencodable(_:reason:)``, ``ImageError/cancelled`` or ``ImageError/outOfMemory(_:)``.
    public func encoded(_ options: EncodingOptions) throws(ImageError) -> [UInt8] {
        precondition(channels == 3)
        let encoder = try Encoder(options)
        let opacity = options.format.holdsAlpha ? options.opacity : nil
        let isGrey = options.isGrey && options.format.holdsGrey
        precondition(opacity.map { $0.width == width && $0.height == height && $0.channels == 1 } ?? true)
        let layout: Encoder.Layout =
            switch (isGrey, opacity != nil) {
            case (false, false): .rgb
            case (false, true): .rgba
            case (true, false): .grey
            case (true, true): .greyAlpha
            }
        let samples: Samples =
            options.depth == 16 && options.format.holdsSixteenBits
            ? .words(packed(isGrey: isGrey, opacity: opacity, UInt16.init(signedUnit:)))
            : .bytes(packed(isGrey: isGrey, opacity: opacity, UInt8.init(signedUnit:)))
        return try encoder.encode(samples, layout: layout, width: width, height: height)
    }

    /// The samples of each pixel, then its opacity.
    private func packed<Sample>(
        isGrey: Bool, opacity: FloatImage?, _ sample: (Float) -> Sample
    ) -> [Sample] {
        if !isGrey, opacity == nil { return values.mapped(sample) }
        var samples: [Sample] = []
        samples.reserveCapacity((isGrey ? 1 : 3) * width * height + (opacity == nil ? 0 : width * height))
        for pixel in 0..<width * height {
            let (red, green, blue) = (values[3 * pixel], values[3 * pixel + 1], values[3 * pixel + 2])
            if isGrey {
                // ITU-R BT.601, as JPEG.
                samples.append(sample(0.299 * red + 0.587 * green + 0.114 * blue))
            } else {
                samples.append(sample(red))
                samples.append(sample(green))
                samples.append(sample(blue))
            }
            if let opacity { samples.append(sample(2 * opacity.values[pixel] - 1)) }
        }
        return samples
    }
}

extension UInt16 {
    /// A value of -1...1 as a sample, rounded and clamped; NaN becomes 0.
    fileprivate init(signedUnit value: Float) {
        self = value > -1 ? UInt16((Swift.min(value, 1) + 1) * 32_767.5 + 0.5) : 0
    }
}
