import CVectorKernels

/// What computes the convolutions.
public enum Backend: String, CaseIterable, Sendable {
    /// Matrix products by OpenBLAS: portable, and the reference.
    case openblas
    /// The project's own vector kernels.
    case native

    /// The faster backend on this CPU: `native` if the vector kernels support one of its instruction sets besides the
    /// generic one, otherwise `openblas`.
    public static let fastest = fastest(withInstructionSets: ComputeOptions.availableInstructionSets)

    /// The faster backend on a CPU with these instruction sets.
    ///
    /// - Parameter sets: the instruction sets of the vector kernels that the CPU can run, best first.
    package static func fastest(withInstructionSets sets: [String]) -> Backend {
        // The generic kernels are only compiled C; OpenBLAS has hand-written kernels even for the baseline CPU.
        sets.contains { $0 != "generic" } ? .native : .openblas
    }
}

/// How a workspace computes.
public struct ComputeOptions: Sendable {
    public var backend: Backend
    /// The threads that may share the work of one picture.
    public var team: ThreadTeam
    /// The instruction set of the vector kernels: `avx512`, `avx2`, `neon` or `generic`; nil for the best one of this
    /// CPU.
    public var instructionSet: String?
    /// Whether nodes are fused where the result stays the same but for rounding. Only tests turn it off.
    package var fusesNodes = true
    /// Whether Winograd's algorithm may replace direct convolution in the native backend.
    package var usesWinograd = true
    /// The least bytes of a tensor between two convolutions for them to be computed together by bands of rows, in the
    /// native backend. A smaller tensor stays in the cache anyway, and reading all weights again for each row would
    /// cost more. Only tests change it.
    package var fewestChainBytes = 1 << 20

    /// Options with a given team.
    ///
    /// - Parameters:
    ///   - backend: what computes the convolutions.
    ///   - team: the threads; all workspaces of a process should share one team.
    ///   - instructionSet: of the vector kernels, one of `availableInstructionSets`; nil for the best.
    public init(backend: Backend = .fastest, team: ThreadTeam, instructionSet: String? = nil) {
        self.backend = backend
        self.team = team
        self.instructionSet = instructionSet
    }

    /// Options with a new team.
    ///
    /// - Parameters:
    ///   - backend: what computes the convolutions.
    ///   - threads: how many share the work of one picture, at least 1.
    ///   - instructionSet: of the vector kernels, one of `availableInstructionSets`; nil for the best.
    public init(backend: Backend = .fastest, threads: Int = 1, instructionSet: String? = nil) {
        self.init(backend: backend, team: ThreadTeam(processors: threads), instructionSet: instructionSet)
    }

    /// The backend for a precision: fast precision always uses the vector kernels, as OpenBLAS is used for floats only.
    public func backend(for precision: Precision) -> Backend { precision == .fast ? .native : backend }

    /// The most threads that work on one picture.
    public var threads: Int { team.processors }

    /// The instruction sets of the vector kernels that this CPU can run, best first.
    public static var availableInstructionSets: [String] {
        ["avx512", "avx2", "neon", "generic"].filter { vk_select($0) != nil }
    }
}
