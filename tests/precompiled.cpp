// The target of the precompiled headers needs a source file; they are named in cmake/.
