// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "dream",
    dependencies: [.package(path: "../deepdream-server")],
    targets: [
        .executableTarget(
            name: "dream",
            dependencies: [
                .product(name: "DeepDream", package: "deepdream-server"),
                .product(name: "Imaging", package: "deepdream-server"),
                .product(name: "VisionNet", package: "deepdream-server"),
            ])
    ]
)
