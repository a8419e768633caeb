/** Takes model files dropped anywhere on the page, or picked, and opens the deploy dialog with them. */
import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { sayFailure } from '../ui/say.ts';
import { DeployDialog } from './deploy-dialog.tsx';
import { isModelFile, type ModelFile } from './model-file.ts';

const PickContext = createContext<() => void>(() => {});

/** Opens the file picker. */
export const usePickModels = (): (() => void) => useContext(PickContext);

export function DeployProvider({ children }: { readonly children: ReactNode }) {
  const [files, setFiles] = useState<readonly ModelFile[] | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const pick = useCallback(() => input.current?.click(), []);
  const take = async (chosen: readonly File[]): Promise<void> => {
    const models = chosen.filter((file) => isModelFile(file.name));
    const others = chosen.filter((file) => !isModelFile(file.name));
    if (others.length > 0) {
      sayFailure(
        new Error(
          `Only .bpmn, .dmn and .form files can be deployed, not ${others.map((file) => file.name).join(', ')}.`,
        ),
      );
    }
    if (models.length === 0) return;
    setFiles(await Promise.all(models.map(async (file) => ({ name: file.name, content: await file.text() }))));
  };
  return (
    <PickContext value={pick}>
      {children}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".bpmn,.bpmn20.xml,.dmn,.form"
        aria-label="Model files"
        data-testid="deploy-input"
        onChange={(event) => {
          void take([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <Dropzone.FullScreen active onDrop={(dropped) => void take(dropped)} className="drop-anywhere">
        <p className="drop-title">Drop to deploy</p>
        <p className="dim">.bpmn models, with their .form and .dmn files</p>
      </Dropzone.FullScreen>
      {files && (
        <DeployDialog key={files.map((file) => file.name).join()} files={files} onClose={() => setFiles(null)} />
      )}
    </PickContext>
  );
}
