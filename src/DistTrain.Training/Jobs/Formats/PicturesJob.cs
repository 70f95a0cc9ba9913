using DistTrain.Data;

namespace DistTrain.Training;

[JobChoice("pictures", "A folder of pictures a class: PNG, PGM or PPM, all of one size; or folders train and test of such folders.")]
public sealed record PicturesJob : FormatJob
{
    internal override JobData Open(string path, Job job) => JobData.From(job, PictureFolder.Open(path));
}
