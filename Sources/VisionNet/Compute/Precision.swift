import CVectorKernels

/// How exactly a gradient is computed.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case full
    /// Behind the stem, tensors and products in bfloat16, but for Winograd's products on the way forward; so too all
    /// gradients but the picture's: faster, for eyes rather than for comparison. Only on CPUs with such products
    /// (`avx512_bf16` on x86-64, `bf16` on arm64), and always by the vector kernels, whatever the backend.
    case fast

    /// Whether this CPU can.
    public var isAvailable: Bool {
        switch self {
        case .full: true
        case .fast: vk_select(nil).flatMap(vk_reduced) != nil
        }
    }
}
