using System.Globalization;
using System.Text.Json.Nodes;
using DistTrain.Data;

namespace DistTrain.Training;

/// <summary>
/// Errors of a forecast beside those of the naive one, that everything stays as it is: root of the mean square and mean of the
/// magnitude, in the units of the data.
/// </summary>
/// <param name="Rmse">Of the model.</param>
/// <param name="MeanAbsolute">Of the model.</param>
/// <param name="NaiveRmse">Of the naive forecast.</param>
/// <param name="NaiveMeanAbsolute">Of the naive forecast.</param>
public sealed record ForecastErrors(double Rmse, double MeanAbsolute, double NaiveRmse, double NaiveMeanAbsolute)
{
    /// <summary>Null where the model forecasts no series, or the series has no naive forecast.</summary>
    /// <param name="model">Trained.</param>
    /// <param name="source">With targets.</param>
    public static ForecastErrors? Of(Model model, IDataSource source)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        int horizon = source.Target.Length;
        float[] features = new float[source.SampleShape.Length], targets = new float[horizon], naive = new float[horizon];
        if (model.Input is not { TargetScaling: { } scaling } input || horizon == 0 || model.OutputShape.Length != horizon || !input.TryForecastNaively(features, naive))
        {
            return null;
        }

        float[] predictions = model.Predict(source);
        double square = 0, magnitude = 0, naiveSquare = 0, naiveMagnitude = 0;
        for (int i = 0; i < source.Count; i++)
        {
            source.Read(i, features, targets);
            _ = input.TryForecastNaively(features, naive);
            for (int step = 0; step < horizon; step++)
            {
                double right = scaling.Undo(targets[step]);
                double error = predictions[(i * horizon) + step] - right, naiveError = scaling.Undo(naive[step]) - right;
                square += error * error;
                magnitude += Math.Abs(error);
                naiveSquare += naiveError * naiveError;
                naiveMagnitude += Math.Abs(naiveError);
            }
        }

        double count = (double)source.Count * horizon;
        return new ForecastErrors(Math.Sqrt(square / count), magnitude / count, Math.Sqrt(naiveSquare / count), naiveMagnitude / count);
    }

    /// <summary>One line for people.</summary>
    public string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"forecast: RMSE {Rmse:G5}, mean absolute error {MeanAbsolute:G5}; naive forecast (as the step before): RMSE {NaiveRmse:G5}, mean absolute error {NaiveMeanAbsolute:G5}; RMSE {100 * ((Rmse / NaiveRmse) - 1):+0.0;-0.0;0.0} %");

    /// <summary>The same as keys of a line of JSON.</summary>
    public void AddTo(JsonObject line)
    {
        ArgumentNullException.ThrowIfNull(line);
        line["rmse"] = Rmse;
        line["mean_absolute_error_in_units"] = MeanAbsolute;
        line["naive_rmse"] = NaiveRmse;
        line["naive_mean_absolute_error"] = NaiveMeanAbsolute;
    }
}
