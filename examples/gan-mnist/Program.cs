#:project ../../src/DistTrain.Hosting/DistTrain.Hosting.csproj
#:property PublishAot=false

// What a network that knows digits says of those that the generator draws: the run folders "gan" and "digits" lie in this folder.
using DistTrain.Training;

Model generator = Model.Load("gan"), classifier = Model.Load("digits");
float[] samples = generator.Generate(1_000);
float[] said = classifier.Predict(samples);
int[] classes = classifier.PredictClasses(samples);
double confidence = said.Chunk(10).Average(probabilities => probabilities.Max());
Console.WriteLine($"mean confidence {confidence:F3} over {classes.Length:N0} samples");
Console.WriteLine(string.Join("  ", classes.GroupBy(digit => digit).OrderBy(group => group.Key).Select(group => $"{group.Key}: {group.Count()}")));
