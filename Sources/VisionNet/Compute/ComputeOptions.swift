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
    /// The threads that may share the work of one picture.
    public var team: ThreadTeam
    /// The instruction set of the vector kernels: `avx512`, `avx2`, `neon`, `generic`; nil for the best of this CPU.
    public var instructionSet: String?
    /// Whether nodes are fused where that is exact. Only tests want it off.
    package var fusesNodes = true
    /// Whether Winograd's algorithm may replace direct convolution in the native backend.
    package var usesWinograd = true

    /// - Parameter team: share one among all workspaces of a process.
    public init(backend: Backend = .native, team: ThreadTeam, instructionSet: String? = nil) {
        self.backend = backend
        self.team = team
        self.instructionSet = instructionSet
    }

    /// Options with a team of their own.
    ///
    /// - Parameter threads: how many share the work of one picture, at least 1.
    public init(backend: Backend = .native, threads: Int = 1, instructionSet: String? = nil) {
        self.init(backend: backend, team: ThreadTeam(processors: threads), instructionSet: instructionSet)
    }

    /// The most threads that work on one picture.
    public var threads: Int { team.processors }

    /// The instruction sets of the vector kernels that this CPU can run, best first.
    public static var availableInstructionSets: [String] {
        ["avx512", "avx2", "neon", "generic"].filter { vk_select($0) != nil }
    }
}
