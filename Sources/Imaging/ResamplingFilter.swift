#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The kernel used for resampling. When shrinking, it is stretched to cover more source pixels.
public enum ResamplingFilter: String, CaseIterable, Codable, Sendable {
    /// Linear interpolation between neighbours; Pillow's BILINEAR.
    case triangle

    /// Keys's cubic convolution with a = −1/2; Pillow's BICUBIC.
    case bicubic

    /// Sinc windowed by a sinc of three lobes; Pillow's LANCZOS.
    case lanczos3

    /// The distance, in source pixels, past which the kernel is zero.
    var radius: Double {
        switch self {
        case .triangle: 1
        case .bicubic: 2
        case .lanczos3: 3
        }
    }

    /// The kernel at a distance from its centre.
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        guard x < radius else { return 0 }
        switch self {
        case .triangle:
            return 1 - x
        case .bicubic:
            let a = -0.5
            return x < 1
                ? ((a + 2) * x - (a + 3)) * x * x + 1
                : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        case .lanczos3:
            return Self.sinc(x) * Self.sinc(x / radius)
        }
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(.pi * x) / (.pi * x)
    }
}
