import Foundation
import Testing
import VisionNet

@Suite("Backends") struct BackendTests {
    @Test(
        "the vector kernels are faster where they know the CPU's instruction set, OpenBLAS elsewhere",
        arguments: [
            (["avx512", "avx2", "generic"], Backend.native), (["avx2", "generic"], .native),
            (["neon", "generic"], .native), (["generic"], .openblas), ([], .openblas),
        ])
    func fastest(sets: [String], expected: Backend) {
        #expect(Backend.fastest(withInstructionSets: sets) == expected)
    }

    @Test("options that name no backend get the faster one of this CPU, as /proc/cpuinfo describes it")
    func initial() throws {
        let words = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split { " \t\n".contains($0) }
        let knowsVectors =
            Set(words).isSuperset(of: ["avx2", "fma"])  // x86-64
            || words.contains("asimd")  // NEON, as Linux calls it on arm64
        #expect(ComputeOptions().backend == (knowsVectors ? .native : .openblas))
    }
}
