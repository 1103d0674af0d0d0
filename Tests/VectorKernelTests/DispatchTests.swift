import CVectorKernels
import Testing

@Suite("Choice of the instruction set")
struct DispatchTests {
    @Test("a table is found by its name, and the first that this CPU has is the default")
    func selects() throws {
        let names = ["avx512", "avx2", "neon", "generic"]
        let available = names.filter { vk_select($0) != nil }
        #expect(available.contains("generic"))
        for name in available { #expect(try nameOfTable(selectedBy: name) == name) }
        #expect(try nameOfTable(selectedBy: nil) == available.first)
    }

    private func nameOfTable(selectedBy name: String?) throws -> String {
        let kernels: OpaquePointer = try #require(vk_select(name))
        return String(cString: vk_name(kernels))
    }

    @Test("an unknown name gives no table", arguments: ["", "avx", "AVX2", "sse9"])
    func rejectsUnknownNames(name: String) {
        #expect(vk_select(name) == nil)
    }

    #if arch(x86_64)
        @Test("an arm64 table is missing on x86-64")
        func rejectsForeignTables() { #expect(vk_select("neon") == nil) }
    #elseif arch(arm64)
        @Test("arm64 always has NEON, and nothing of x86-64")
        func selectsNeon() {
            #expect(vk_select("neon") != nil)
            #expect(vk_select("avx2") == nil && vk_select("avx512") == nil)
        }
    #endif
}
