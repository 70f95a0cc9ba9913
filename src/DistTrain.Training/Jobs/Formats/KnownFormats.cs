namespace DistTrain.Training;

/// <summary>How the known sets that are plain files are read when a job says nothing else.</summary>
internal static class KnownFormats
{
    public static FormatJob Of(string set) => set switch
    {
        "cifar-10" => new CifarJob(),
        "tinyshakespeare" => new TextJob(),
        "rt-polarity" => new LinesJob(),
        "iris" => new CsvJob { Header = false },
        "wine-quality" => new CsvJob { Header = false, ScaleTarget = true },
        "titanic" => new CsvJob { Target = "Survived", TargetKind = Data.ColumnKind.Category, Drop = ["PassengerId", "Name", "Ticket", "Cabin"], Categories = ["Pclass"], Missing = Data.MissingCells.Median },
        "california-housing" => new CsvJob { Target = "median_house_value", ScaleTarget = true, Missing = Data.MissingCells.Median },
        "airline-passengers" => new SeriesJob { Target = "Passengers", Window = 12 },
        "daily-temperatures" => new SeriesJob { Target = "Temp" },
        "sp500" => new SeriesJob { Target = "close" },
        _ => throw new InvalidOperationException($"The set {set} has no format."),
    };
}
