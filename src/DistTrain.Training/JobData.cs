using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The data of a job: opened, cut and scaled as its section data says.</summary>
/// <param name="Splits">What the network sees.</param>
/// <param name="Raw">The same parts before standardisation: what <see cref="Model"/> takes.</param>
/// <param name="Standardization">What was done; null: nothing.</param>
public sealed record JobData(Splits Splits, Splits Raw, Standardization? Standardization)
{
    /// <summary>Opens a set or path, cuts test part, limit and validation part, and scales by the training part.</summary>
    /// <param name="job">Its data and its seed.</param>
    /// <param name="folders">Where known sets lie.</param>
    /// <exception cref="UserError">Nothing is there, a file is malformed, or a part would be empty.</exception>
    public static JobData Open(Job job, DataFolders folders)
    {
        ArgumentNullException.ThrowIfNull(job);
        JobData data = OpenSource(job, folders);
        data = job.Data.Reconstruct ? data.WithSamplesAsTargets() : data;
        return job.Data.Mixup is null ? data : data with { Splits = WithShares(data.Splits), Raw = WithShares(data.Raw) };
    }

    /// <summary>Targets are the samples as the network sees them, also beside raw samples.</summary>
    private JobData WithSamplesAsTargets()
    {
        if (Splits.Input is not (null or PictureInput or TableInput { TargetScaling: null }))
        {
            throw new UserError($"data.reconstruct: {Splits.Train.Name} has samples of text or series, or a scaled target; allowed: pictures and tables");
        }

        return this with
        {
            Splits = Splits with
            {
                Train = Splits.Train.WithSamplesAsTargets(),
                Validation = Splits.Validation?.WithSamplesAsTargets(),
                Test = Splits.Test?.WithSamplesAsTargets(),
            },
            Raw = Raw with
            {
                Train = Raw.Train.WithSamplesAsTargets(Splits.Train),
                Validation = Raw.Validation?.WithSamplesAsTargets(Splits.Validation),
                Test = Raw.Test?.WithSamplesAsTargets(Splits.Test),
            },
        };
    }

    private static Splits WithShares(Splits splits) =>
        splits with { Train = splits.Train.WithShares(), Validation = splits.Validation?.WithShares(), Test = splits.Test?.WithShares() };

    private static JobData OpenSource(Job job, DataFolders folders)
    {
        DataJob data = job.Data;
        if (data.Synthetic is { } synthetic)
        {
            return From(job, new Splits(synthetic.Open()));
        }

        if (data.Path is { } path)
        {
            JobData opened = (data.Format ?? FormatJob.Guess(path)).Open(path, job);
            return data.TestPath is { } test ? opened.WithTest(test) : opened;
        }

        string set = data.Set ?? DigitsSet.Name;
        return DataCatalogue.Find(set).Location is null
            ? From(job, DataCatalogue.Open(set, folders))
            : (data.Format ?? KnownFormats.Of(set)).Open(DataCatalogue.LocateFile(set, folders), job);
    }

    /// <summary>With a test part from files of its own, made into samples by what was fitted on the training part.</summary>
    private JobData WithTest(string path)
    {
        IDataSource train = Raw.Train;
        if (Raw.Test is not null)
        {
            throw new UserError($"data.testPath: {train.Name} has a test part of its own; allowed: without testPath");
        }

        IDataSource test = Raw.Input is { } input ? input.Open(path) : DataLocator.Open(path, train.Target.Classes, train.Target.ClassNames).Train;
        if (test.SampleShape != train.SampleShape || test.Target.ToString() != train.Target.ToString())
        {
            throw new UserError($"data.testPath: {path} has samples {test.SampleShape} with {test.Target}; allowed: {train.SampleShape} with {train.Target}, as {train.Name} has");
        }

        return this with { Raw = Raw with { Test = test }, Splits = Splits with { Test = Standardization is null ? test : Standardization.Apply(test) } };
    }

    /// <summary>Cuts and scales what is open already.</summary>
    public static JobData From(Job job, Splits whole)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(whole);
        Splits raw = WithInput(whole).Cut(job.Data.Split(job.Train.Seed));
        if (job.Data.Scale == ScaleKind.MinMax)
        {
            throw new UserError("data.scale: found minMax; allowed for pictures: unit, standard");
        }

        if (job.Data.Scale != ScaleKind.Standard)
        {
            return new JobData(raw, raw, null);
        }

        Standardization standardization = Standardization.Fit(raw.Train);
        var scaled = new Splits(
            standardization.Apply(raw.Train),
            raw.Validation is null ? null : standardization.Apply(raw.Validation),
            raw.Test is null ? null : standardization.Apply(raw.Test))
        {
            Input = raw.Input,
        };
        return new JobData(scaled, raw, standardization);
    }

    /// <summary>Models of pictures take pictures.</summary>
    private static Splits WithInput(Splits whole) => whole is { Input: null, Train.SampleShape: { Rank: 3 } shape } && shape[2] is 1 or 3
        ? whole with { Input = new PictureInput(shape[0], shape[1], shape[2], whole.Train.Target.ClassNames) }
        : whole;
}
