import CVectorKernels

/// How exactly a gradient is computed.
public enum Precision: String, CaseIterable, Sendable {
    /// Float32 throughout.
    case full
    /// Tensors in bfloat16 and products of bfloat16, except inside Winograd's algorithm: faster, for eyes rather than
    /// for comparison. Only on CPUs with such products (`avx512_bf16`).
    case fast

    /// Whether this CPU can.
    public var isAvailable: Bool {
        switch self {
        case .full: true
        case .fast: vk_select(nil).flatMap(vk_reduced) != nil
        }
    }
}
