using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("idx", "Pictures and labels of unsigned bytes, plain or .gz, as MNIST comes: a folder, or the file of the pictures.")]
public sealed record IdxJob : FormatJob
{
    internal override JobData Open(string path, Job job) => JobData.From(job, DataLocator.Open(path));
}
