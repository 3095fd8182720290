namespace Rqlite.Pg.Storage;

/// <summary>Keeps a generation open while something works with its files.</summary>
internal readonly struct GenerationUse(Generation generation) : IDisposable
{
    public Generation Generation { get; } = generation;

    public void Dispose() => Generation.RemoveUser();
}
