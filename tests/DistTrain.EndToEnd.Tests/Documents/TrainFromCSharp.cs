using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>README's C# example, word for word: the lines above and those between the two marks.</summary>
internal static class TrainFromCSharp
{
    public static async Task<TrainingRun> RunAsync()
    {
        // README begins
        Splits digits = DigitsSet.Open();
        var model = new Sequential
        {
            new Conv2D(16, 3, Activation.ReLU),
            new MaxPooling2D(2),
            new Flatten(),
            new Dense(10),
        };
        var trainer = new Trainer(new TrainerOptions
        {
            Train = new TrainJob { Epochs = 3, Batch = 64, Optimizer = new AdamJob { LearningRate = 0.002 } },
            Run = new RunJob { Workers = 2 },
        });
        TrainingRun run = await trainer.FitAsync(model, digits.Train, test: digits.Test);

        Console.WriteLine($"accuracy {run.Done.Test!.Accuracy:P1}, weights {run.WeightsSha256}");
        model.Save("digits-model");
        int[] classes = Model.Load("digits-model").PredictClasses(digits.Test!);
        // README ends
        Assert.Equal(digits.Test!.Count, classes.Length);
        return run;
    }
}
