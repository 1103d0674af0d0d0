import CVectorKernels

/// What computes the convolutions.
public enum Backend: String, CaseIterable, Sendable {
    /// Products of matrices by OpenBLAS: portable, and the reference.
    case openblas
    /// The project's own vector kernels.
    case native
}

/// How a workspace computes.
public struct ComputeOptions: Sendable {
    public var backend: Backend
    /// Threads that share the work of one picture, at least 1.
    public var threads: Int
    /// The instruction set of the vector kernels: `avx512`, `avx2`, `neon`, `generic`; nil for the best of this CPU.
    public var instructionSet: String?
    /// Whether nodes are fused where that is exact. Only tests want it off.
    package var fusesNodes = true
    /// Whether Winograd's algorithm may replace direct convolution in the native backend.
    package var usesWinograd = true

    public init(backend: Backend = .native, threads: Int = 1, instructionSet: String? = nil) {
        self.backend = backend
        self.threads = threads
        self.instructionSet = instructionSet
    }

    /// The instruction sets of the vector kernels that this CPU can run, best first.
    public static var availableInstructionSets: [String] {
        ["avx512", "avx2", "neon", "generic"].filter { vk_select($0) != nil }
    }
}
