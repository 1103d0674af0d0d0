import CVectorKernels
import Foundation
import Testing

@Suite("Choice of the instruction set")
struct DispatchTests {
    @Test("a table is found by its name, and the fastest one that this CPU can run is the default")
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

    @Test("only a table whose instruction set multiplies bfloat16 has one of reduced precision")
    func reduces() throws {
        let reducible = ["avx512": "avx512_bf16", "neon": "neon_bf16"]
        for table in KernelTable.all {
            guard let reduced = vk_reduced(table.kernels) else { continue }
            #expect(reducible[table.testDescription] == String(cString: vk_name(reduced)))
            #expect(vk_reduced(reduced) == nil, "\(table.testDescription) is reduced twice")
        }
        for name in ["avx2", "generic"] {
            guard let kernels = vk_select(name) else { continue }
            #expect(vk_reduced(kernels) == nil, "\(name)")
        }
        for name in reducible.values { #expect(vk_select(name) == nil, "\(name) is selected by its name") }
    }

    @Test("a CPU that multiplies bfloat16, as /proc/cpuinfo says, has the table of reduced precision")
    func findsReducedTable() throws {
        let flags = try Set(
            String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split { $0 == " " || $0 == "\n" || $0 == "\t" })
        let fastest: OpaquePointer = try #require(vk_select(nil))
        #expect((vk_reduced(fastest) != nil) == (flags.contains("avx512_bf16") || flags.contains("bf16")))
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
