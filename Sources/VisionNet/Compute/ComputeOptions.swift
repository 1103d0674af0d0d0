import CVectorKernels

/// What computes the convolutions.
public enum Backend: String, CaseIterable, Sendable {
    /// Products of matrices by OpenBLAS: portable, and the reference.
    case openblas
    /// The project's own vector kernels.
    case native

    /// The faster one on this CPU: `native` where the vector kernels know an instruction set of it, else `openblas`.
    public static let fastest = fastest(withInstructionSets: ComputeOptions.availableInstructionSets)

    /// - Parameter sets: those of the vector kernels that a CPU can run, best first.
    package static func fastest(withInstructionSets sets: [String]) -> Backend {
        // The generic kernels are the compiler's own vectors of the baseline; OpenBLAS has kernels by hand for it.
        sets.contains { $0 != "generic" } ? .native : .openblas
    }
}

/// How a workspace computes.
public struct ComputeOptions: Sendable {
    public var backend: Backend
    /// The threads that may share the work of one picture.
    public var team: ThreadTeam
    /// The instruction set of the vector kernels: `avx512`, `avx2`, `neon`, `generic`; nil for the best of this CPU.
    public var instructionSet: String?
    /// Whether nodes are fused where that does not change the result. Only tests switch it off.
    package var fusesNodes = true
    /// Whether Winograd's algorithm may replace direct convolution in the native backend.
    package var usesWinograd = true

    /// - Parameters:
    ///   - backend: what computes the convolutions.
    ///   - team: the threads; all workspaces of a process should share one team.
    ///   - instructionSet: of the vector kernels; nil for the best one.
    public init(backend: Backend = .fastest, team: ThreadTeam, instructionSet: String? = nil) {
        self.backend = backend
        self.team = team
        self.instructionSet = instructionSet
    }

    /// Options with a team of their own.
    ///
    /// - Parameters:
    ///   - backend: what computes the convolutions.
    ///   - threads: how many share the work of one picture, at least 1.
    ///   - instructionSet: of the vector kernels; nil for the best one.
    public init(backend: Backend = .fastest, threads: Int = 1, instructionSet: String? = nil) {
        self.init(backend: backend, team: ThreadTeam(processors: threads), instructionSet: instructionSet)
    }

    /// What computes the convolutions of a plan. Fast precision is always native, because OpenBLAS has only floats.
    public func backend(for precision: Precision) -> Backend { precision == .fast ? .native : backend }

    /// The most threads that work on one picture.
    public var threads: Int { team.processors }

    /// The instruction sets of the vector kernels that this CPU can run, best first.
    public static var availableInstructionSets: [String] {
        ["avx512", "avx2", "neon", "generic"].filter { vk_select($0) != nil }
    }
}
