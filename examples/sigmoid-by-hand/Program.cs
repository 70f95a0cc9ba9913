#:project ../../src/DistTrain.Hosting/DistTrain.Hosting.csproj
#:property PublishAot=false

// A 2-3-1 network of sigmoids: one step of back-propagation worked out in double precision, one line a formula, and the same step by
// DistTrain.
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

float[] x = [0.5f, -1f];
float target = 1;
float[,] w1 = { { 0.1f, -0.2f, 0.3f }, { 0.4f, 0.5f, -0.6f } }; // w1[i, j]: from input i to hidden neuron j
float[] b1 = [0.01f, 0.02f, 0.03f];
float[] w2 = [0.7f, -0.8f, 0.9f];
float b2 = -0.1f;
const double LearningRate = 0.5;

// Forward: h = sigmoid(x W1 + b1), p = sigmoid(h w2 + b2), loss = (p - t)^2.
double[] h = [.. Enumerable.Range(0, 3).Select(j => Sigmoid((x[0] * w1[0, j]) + (x[1] * w1[1, j]) + b1[j]))];
double p = Sigmoid((h[0] * w2[0]) + (h[1] * w2[1]) + (h[2] * w2[2]) + b2);
Console.WriteLine($"h = {Text(h)}  p = {p:F6}  loss = {(p - target) * (p - target):F6}");

// Backward, by the chain rule; sigmoid' = s (1 - s).
double dz2 = 2 * (p - target) * p * (1 - p);
double[] dw2 = [.. h.Select(value => dz2 * value)];
double[] dz1 = [.. h.Select((value, j) => dz2 * w2[j] * value * (1 - value))];
Console.WriteLine($"dz2 = {dz2:F6}  dw2 = {Text(dw2)}  dz1 = {Text(dz1)}");

// Gradient descent: w - rate * dw, in the order of the parameters: W1 by rows, b1, w2, b2.
double[] byHand =
[
    .. from i in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) select w1[i, j] - (LearningRate * x[i] * dz1[j]),
    .. b1.Select((value, j) => value - (LearningRate * dz1[j])),
    .. w2.Select((value, j) => value - (LearningRate * dw2[j])),
    b2 - (LearningRate * dz2),
];
Console.WriteLine($"by hand   {Text(byHand)}");

var model = new Sequential
{
    new Dense(3, Activation.Sigmoid) { KernelInitializer = new Given([.. w1.Cast<float>()]), BiasInitializer = new Given(b1) },
    new Dense(1, Activation.Sigmoid) { KernelInitializer = new Given(w2), BiasInitializer = new Given([b2]) },
};
var trainer = new Trainer(new TrainerOptions
{
    Train = new TrainJob { Steps = 1, Batch = 1, Optimizer = Optimizer.Sgd(LearningRate), Loss = new MeanSquaredErrorJob() },
});
TrainingRun run = await trainer.FitAsync(model, Dataset.FromArrays(new[,] { { x[0], x[1] } }, new[,] { { target } }));
float[] trained = model.Weights.ToArray();
Console.WriteLine($"DistTrain {Text([.. trained.Select(value => (double)value)])}");
Console.WriteLine($"largest difference {trained.Zip(byHand, (a, b) => Math.Abs(a - b)).Max():E1}, loss {run.Done.TrainLoss:F6}");

static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));

static string Text(double[] values) => string.Join(' ', values.Select(value => value.ToString("F6")));

/// <summary>First values that somebody chose.</summary>
internal sealed class Given(float[] given) : Initializer
{
    public override string Name => "given";

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values) => given.CopyTo(values);
}
