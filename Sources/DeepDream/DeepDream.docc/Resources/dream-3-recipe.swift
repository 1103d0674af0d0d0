import DeepDream
import Foundation
import Imaging
import VisionNet

let photoFile = URL(fileURLWithPath: "photo.jpg")
let photo = try ImageDecoder().decode([UInt8](Data(contentsOf: photoFile)))

let model = try VisionModel.embedded()
var recipe = try Recipe.recommended(for: model)
try recipe.apply([(name: "layers", value: "mixed4,mixed6:0.5"), (name: "octaves", value: "4")])
recipe.steps = 10
recipe.size = .longerSide(512)
