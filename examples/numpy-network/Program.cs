#:project ../../src/DistTrain.Hosting/DistTrain.Hosting.csproj
#:property PublishAot=false

// The network that every NumPy introduction trains: 10 inputs, 20 hidden sigmoids, 5 output sigmoids, squared error, gradient descent.
// What it learns: which of five pairs of inputs has the largest sum.
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Training;

var random = new Random(1);
(float[,] features, float[,] targets) = Draw(2_000);
(float[,] testFeatures, float[,] testTargets) = Draw(500);

var model = new Sequential { new Dense(20, Activation.Sigmoid), new Dense(5, Activation.Sigmoid) };
var trainer = new Trainer(new TrainerOptions
{
    Train = new TrainJob { Epochs = 200, Batch = 20, Optimizer = Optimizer.Sgd(2), Loss = new MeanSquaredErrorJob() },
});
TrainingRun run = await trainer.FitAsync(model, Dataset.FromArrays(features, targets));

float[] outputs = model.Predict(Dataset.FromArrays(testFeatures, testTargets));
int right = Enumerable.Range(0, 500).Count(row => testTargets[row, Largest(outputs.AsSpan(row * 5, 5))] == 1);
Console.WriteLine($"loss after the first epoch {run.Epochs[0].Train.Loss:F4}, after the last {run.Epochs[^1].Train.Loss:F4}");
Console.WriteLine($"right on new rows: {right} of 500");
Console.WriteLine($"weights {run.WeightsSha256}");

(float[,] Features, float[,] Targets) Draw(int rows)
{
    var inputs = new float[rows, 10];
    var oneHot = new float[rows, 5];
    for (int row = 0; row < rows; row++)
    {
        var sums = new float[5];
        for (int i = 0; i < 10; i++)
        {
            inputs[row, i] = random.NextSingle();
            sums[i / 2] += inputs[row, i];
        }

        oneHot[row, Largest(sums)] = 1;
    }

    return (inputs, oneHot);
}

static int Largest(ReadOnlySpan<float> values)
{
    int largest = 0;
    for (int i = 1; i < values.Length; i++)
    {
        largest = values[i] > values[largest] ? i : largest;
    }

    return largest;
}
