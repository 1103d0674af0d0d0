import CVectorKernels

/// The number formats in which a gradient is computed.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case full
    /// After the stem, tensors and products are bfloat16, except the products of Winograd's algorithm in the forward
    /// pass; so are all gradients except the picture's. Faster and less exact: good enough to look at, not to compare
    /// numbers with. Needs a CPU with bfloat16 products (`avx512_bf16` on x86-64, `bf16` on arm64), and always uses the
    /// vector kernels, whatever the backend.
    case fast

    /// Whether this CPU supports it.
    public var isAvailable: Bool {
        switch self {
        case .full: true
        case .fast: vk_select(nil).flatMap(vk_reduced) != nil
        }
    }
}
