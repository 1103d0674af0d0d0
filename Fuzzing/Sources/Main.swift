import CFuzzing
import Glibc

/// Feeds one target with mutated input. The environment variable `FUZZ_TARGET` names it; without it, the names of all
/// targets are printed. The arguments are libFuzzer's.
@main
enum Main {
    private static let target = getenv("FUZZ_TARGET").map { String(cString: $0) }.map { name in
        FuzzTarget.all.first { $0.name == name }
    }

    static func main() {
        guard let chosen = target else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        guard chosen != nil else {
            let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
            print("FUZZ_TARGET names no target; there are \(names).")
            exit(2)
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        let status = withUnsafeMutablePointer(to: &arguments) { arguments in
            arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>>.self, capacity: 1) {
                LLVMFuzzerRunDriver(&count, $0) { bytes, count in
                    Main.target??.run(UnsafeRawBufferPointer(start: bytes, count: count))
                    return 0
                }
            }
        }
        exit(status)
    }
}
