import CImageCodecs

/// Converts rows of pixels to sRGB. It owns a conversion of lcms.
final class ColourConversion {
    private let handle: OpaquePointer
    /// Whether grey pixels must be made RGB first, as their profile is one for RGB.
    let takesRGBOfGrey: Bool

    private init(_ handle: OpaquePointer, takesRGBOfGrey: Bool = false) {
        self.handle = handle
        self.takesRGBOfGrey = takesRGBOfGrey
    }

    deinit { ic_colour_free(handle) }

    /// - Parameters:
    ///   - pixels: `count` pixels of the layout and depth that the conversion was made for.
    ///   - rgb: room for red, green and blue of each.
    func convert(_ pixels: UnsafeRawPointer, into rgb: UnsafeMutableRawPointer, count: Int) {
        ic_colour_convert(handle, pixels, rgb, count)
    }

    /// The conversion that the file asks for; nil if its pixels are sRGB, or as good as. As in PNG's third edition,
    /// code points (cICP, nclx) come before a profile, a profile before sRGB, and that before gAMA and cHRM.
    ///
    /// - Parameter warn: told why a description of colours is ignored.
    static func make(for header: ic_header, warn: (String) -> Void) -> ColourConversion? {
        if header.primaries != 0 || header.transfer != 0 {
            return ofCodePoints(header, warn: warn)
        }
        if let icc = header.icc {
            return ofProfile(UnsafeRawBufferPointer(start: icc, count: header.icc_count), header, warn: warn)
        }
        guard header.is_srgb == 0, header.layout != IC_CMYK, header.gamma > 0 else { return nil }
        return ofGamma(header, warn: warn)
    }

    private static func ofProfile(
        _ profile: UnsafeRawBufferPointer, _ header: ic_header, warn: (String) -> Void
    ) -> ColourConversion? {
        guard let start = profile.baseAddress else { return nil }
        var handle: OpaquePointer?
        var outcome = CodecOutcome { message in
            handle = ic_colour_from_icc(start, profile.count, header.layout, header.depth, message)
            return handle == nil ? IC_MALFORMED : IC_OK
        }
        if let handle {
            let conversion = ColourConversion(handle)
            return conversion.changesPixels(header) ? conversion : nil
        }
        if header.layout == IC_GREY || header.layout == IC_GREY_ALPHA {
            outcome = CodecOutcome { message in
                handle = ic_colour_from_icc(start, profile.count, IC_RGB, header.depth, message)
                return handle == nil ? IC_MALFORMED : IC_OK
            }
            if let handle { return ColourConversion(handle, takesRGBOfGrey: true) }
        }
        warn("the colour profile is ignored: \(outcome.message)")
        return nil
    }

    private static let srgbPrimaries = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06]

    /// Gamma with primaries is a colour space. Gamma alone is applied as libpng and browsers do: to an exponent of 2.2.
    private static func ofGamma(_ header: ic_header, warn: (String) -> Void) -> ColourConversion? {
        let primaries = withUnsafeBytes(of: header.chromaticities) { Array($0.bindMemory(to: Double.self)) }
        let hasPrimaries = primaries.contains { $0 != 0 }
        // libpng's threshold: no one sees less.
        if !hasPrimaries, abs(header.gamma * 2.2 - 1) < 0.05 { return nil }
        return ofPrimaries(
            hasPrimaries ? primaries : srgbPrimaries, gamma: 1 / header.gamma, toPower: !hasPrimaries, header,
            warn: warn
        )
    }

    /// Code points of ITU-T H.273. The transfer functions of video, 1, 6, 14 and 15, are taken for sRGB's, as browsers
    /// do. Those of high dynamic range are not converted.
    private static func ofCodePoints(_ header: ic_header, warn: (String) -> Void) -> ColourConversion? {
        let primaries: [Double]? =
            switch header.primaries {
            case 0, 1, 2: srgbPrimaries
            case 5: [0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06]
            case 6, 7: [0.3127, 0.3290, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07]
            case 9: [0.3127, 0.3290, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046]
            case 11: [0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
            case 12: [0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
            default: nil
            }
        let gamma: Double? =
            switch header.transfer {
            case 0, 1, 2, 6, 13, 14, 15: 0
            case 4: 2.2
            case 5: 2.8
            case 8: 1
            default: nil
            }
        guard let primaries, let gamma else {
            warn(
                "colours with the code points \(header.primaries) (primaries) and \(header.transfer) (transfer) "
                    + "are not converted")
            return nil
        }
        if primaries == srgbPrimaries, gamma == 0 { return nil }
        return ofPrimaries(primaries, gamma: gamma, toPower: false, header, warn: warn)
    }

    private static func ofPrimaries(
        _ primaries: [Double], gamma: Double, toPower: Bool, _ header: ic_header, warn: (String) -> Void
    ) -> ColourConversion? {
        guard header.layout != IC_CMYK else { return nil }
        var handle: OpaquePointer?
        let isGrey = header.layout == IC_GREY || header.layout == IC_GREY_ALPHA
        let outcome = CodecOutcome { message in
            handle = ic_colour_from_primaries(
                primaries, gamma, toPower ? 1 : 0, isGrey ? IC_RGB : header.layout, header.depth, message)
            return handle == nil ? IC_MALFORMED : IC_OK
        }
        if handle == nil { warn("the colour description is ignored: \(outcome.message)") }
        // lcms is not exact with curves of grey: it resamples them.
        return handle.map { ColourConversion($0, takesRGBOfGrey: isGrey) }
    }

    /// Whether any colour of a grid changes by more than a rounding. Most profiles in files are sRGB's own, and
    /// converting them costs time and exactness.
    private func changesPixels(_ header: ic_header) -> Bool {
        guard header.layout != IC_CMYK else { return true }
        return header.depth == 16 ? changes(header.layout, UInt16.self) : changes(header.layout, UInt8.self)
    }

    private func changes<Sample: FixedWidthInteger & UnsignedInteger>(
        _ layout: ic_layout, _: Sample.Type
    ) -> Bool {
        let isGrey = layout == IC_GREY || layout == IC_GREY_ALPHA
        let levels = (0...8).map { Sample(UInt64($0) * UInt64(Sample.max) / 8) }
        let colours =
            isGrey
            ? levels.map { [$0, $0, $0] }
            : levels.flatMap { red in levels.flatMap { green in levels.map { [red, green, $0] } } }
        let pixels = colours.flatMap { colour in
            switch layout {
            case IC_GREY: [colour[0]]
            case IC_GREY_ALPHA: [colour[0], Sample.max]
            case IC_RGBA: colour + [Sample.max]
            default: colour
            }
        }
        var converted = [Sample](repeating: 0, count: 3 * colours.count)
        pixels.withUnsafeBytes { pixels in
            converted.withUnsafeMutableBytes { converted in
                guard let source = pixels.baseAddress, let target = converted.baseAddress else { return }
                convert(source, into: target, count: colours.count)
            }
        }
        let tolerance = Int(Sample.max) / 255
        return zip(colours.joined(), converted).contains { abs(Int($0) - Int($1)) > tolerance }
    }
}
