// swift-tools-version: 6.1
import PackageDescription

/// Codecs that the program works without: the macro that builds each in, and its libraries. WITHOUT_CODECS names
/// those to leave out, such as "heif tiff"; `make` names the ones that this machine has no library for.
let optionalCodecs = [
    (name: "webp", libraries: ["webp", "webpdemux", "webpmux"]),
    (name: "heif", libraries: ["heif"]),
    (name: "gif", libraries: ["gif"]),
    (name: "tiff", libraries: ["tiff"]),
]
let leftOut = (Context.environment["WITHOUT_CODECS"] ?? "").split(separator: " ").map(String.init)
let codecs = optionalCodecs.filter { !leftOut.contains($0.name) }

// The floors of docs/architecture.md, bottom first: every target depends only on those above it in this list.
let package = Package(
    name: "deepdream-server",
    products: [
        .executable(name: "deepdream", targets: ["DeepDreamCommand"]),
        .library(name: "Imaging", targets: ["Imaging"]),
        .library(name: "VisionNet", targets: ["VisionNet"]),
        .library(name: "DeepDream", targets: ["DeepDream"]),
        .library(name: "HTTPServer", targets: ["HTTPServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // The documentation alone: `swift package generate-documentation`. No target links it.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"),
    ],
    targets: [
        // C: libraries of the system, vector kernels, codec shims, the embedded model's bytes.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .target(name: "CVectorKernels"),
        .target(
            name: "CImageCodecs",
            cSettings: codecs.map { .define("IC_" + $0.name.uppercased()) },
            linkerSettings: (["jpeg", "png", "z", "lcms2"] + codecs.flatMap(\.libraries)).map { .linkedLibrary($0) }),
        // The weights are read by #embed alone.
        .target(name: "CEmbeddedModel", exclude: ["inception_v3_rendered.safetensors"]),

        // The page's files are read by #embed alone.
        .target(name: "CStudioFiles"),

        // Pixels and networks.
        .target(name: "Imaging", dependencies: ["CImageCodecs"]),
        .target(name: "VisionNet", dependencies: ["COpenBLAS", "CVectorKernels", "CEmbeddedModel"]),

        // The algorithm; where models come from.
        .target(name: "DeepDream", dependencies: ["Imaging", "VisionNet"]),
        .target(name: "ModelLibrary", dependencies: ["VisionNet", "CHDF5", "CNettle", "CZlib"]),

        // The page for browsers.
        .target(name: "Studio", dependencies: ["CStudioFiles", "CZlib"], exclude: ["page"]),

        // The service.
        .target(name: "JobStore", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),
        .target(name: "HTTPServer", dependencies: ["CMicroHTTPD"]),
        .target(
            name: "DreamService",
            dependencies: [
                "HTTPServer", "JobStore", "DeepDream", "ModelLibrary", "Studio", "CMalloc", "CNettle",
                .product(name: "Logging", package: "swift-log"), "Yams",
            ],
            resources: [.embedInCode("OpenAPI/openapi.yaml")]),
        .executableTarget(
            name: "DeepDreamCommand",
            dependencies: [
                "DreamService", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .target(name: "CWideKernels", dependencies: ["CVectorKernels"], path: "Tests/CWideKernels"),
        .testTarget(name: "VectorKernelTests", dependencies: ["CVectorKernels", "CWideKernels"]),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "VisionNetTests", dependencies: ["VisionNet", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "DeepDreamTests", dependencies: ["DeepDream", "ModelLibrary", "TestSupport"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "ModelLibraryTests", dependencies: ["ModelLibrary", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "JobStoreTests", dependencies: ["JobStore", "TestSupport"]),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "TestSupport"]),
        .target(name: "TestSupport", dependencies: ["Imaging", "VisionNet"], path: "Tests/TestSupport"),
        .testTarget(
            name: "DreamServiceTests",
            dependencies: ["DreamService", "HTTPServer", "JobStore", "Studio", "TestSupport"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["DeepDreamCommand", "DreamService", "DeepDream", "Imaging", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzing/README.md. `make fuzz` sets the variable; everybody else is spared these targets.
if Context.environment["WITH_FUZZING"] != nil {
    package.targets += [
        .target(name: "CFuzzing", dependencies: ["CHDF5"], path: "Fuzzing/CFuzzing"),
        .executableTarget(
            name: "Fuzzing",
            dependencies: [
                "CFuzzing", "CImageCodecs", "Imaging", "VisionNet", "ModelLibrary", "DeepDream", "HTTPServer",
                "DreamService",
            ],
            path: "Fuzzing/Sources",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
    ]
    // Only what parses: instrumenting everything, above all the vector kernels and GRDB, takes several times as long.
    let parsers: Set = [
        "CImageCodecs", "CFuzzing", "Imaging", "VisionNet", "DeepDream", "ModelLibrary", "HTTPServer", "DreamService",
        "Fuzzing",
    ]
    let sanitizers = ["-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize-recover=undefined"]
    for target in package.targets where parsers.contains(target.name) {
        target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(sanitizers)]
        // What Swift imports of C is compiled with it: inline functions of headers.
        let imported = sanitizers.flatMap { ["-Xcc", $0] }
        target.swiftSettings = [
            .unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"] + imported)
        ]
    }
}
