namespace Rqlite.Pg.Fuzz;

/// <summary>Something that takes bytes from outside.</summary>
internal interface IFuzzTarget
{
    /// <summary>Also the name of the folder of its corpus.</summary>
    string Name { get; }

    /// <summary>Inputs to start from besides the folder's.</summary>
    IEnumerable<byte[]> Seeds => [];

    /// <summary>Takes the input. Refusing it in the documented way is fine; any exception that comes out is a finding, as is not to return.</summary>
    ValueTask RunAsync(byte[] input);
}
