import Testing
import VisionNet

@Suite struct BackendTests {
    @Test(
        "the vector kernels are the faster backend where they know the CPU's instruction set, OpenBLAS elsewhere",
        arguments: [
            (["avx512", "avx2", "generic"], Backend.native), (["avx2", "generic"], .native),
            (["neon", "generic"], .native), (["generic"], .openblas), ([], .openblas),
        ])
    func fastest(sets: [String], expected: Backend) {
        #expect(Backend.fastest(withInstructionSets: sets) == expected)
    }

    @Test("options that name no backend take the faster one of this CPU")
    func initial() {
        #expect(
            ComputeOptions().backend == Backend.fastest(withInstructionSets: ComputeOptions.availableInstructionSets))
    }
}
